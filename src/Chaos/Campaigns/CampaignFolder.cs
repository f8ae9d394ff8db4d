using System.Globalization;
using System.Text.Json;
using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Logs;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs;

namespace Lockstep.Chaos.Campaigns;

/// <summary>The folder cannot hold this campaign; the message says why, and what to do.</summary>
public sealed class CampaignException(string message) : Exception(message);

/// <summary>
/// What a campaign leaves behind: <c>campaign.json</c>, the resolved <c>job.yaml</c>, the undisturbed run's end and step log, a result file
/// for each run that is done, and all files of those that failed. A campaign that was interrupted goes on after them.
/// </summary>
internal sealed class CampaignFolder
{
    private const string ReferenceFile = "undisturbed.json", ReferenceLog = "undisturbed.jsonl", About = "campaign.json";

    private readonly string _path;

    private CampaignFolder(string path) => _path = path;

    /// <summary>The resolved job.</summary>
    public string JobFile => Path.Combine(_path, "job.yaml");

    /// <summary>Makes the folder, or takes up the one of the same campaign.</summary>
    /// <exception cref="CampaignException">It is another campaign's.</exception>
    public static CampaignFolder Open(CampaignOptions options)
    {
        string path = Path.GetFullPath(options.Folder);
        Directory.CreateDirectory(path);
        var folder = new CampaignFolder(path);
        byte[] about = Describe(options);
        string file = Path.Combine(path, About);
        if (File.Exists(file) && !File.ReadAllBytes(file).AsSpan().SequenceEqual(about))
            throw new CampaignException($"{options.Folder} holds a campaign with another job, build, seed, list of faults or number of workers. Give another folder with --output, or remove that one.");
        if (!File.Exists(file) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new CampaignException($"{options.Folder} holds something else than a campaign. Give another folder with --output.");
        AtomicFile.Write(folder.JobFile, JobText.Bytes(options.Job));
        AtomicFile.Write(file, about);
        return folder;
    }

    /// <summary>The undisturbed run; null where it is yet to be made.</summary>
    public Reference? ReadReference()
    {
        string file = Path.Combine(_path, ReferenceFile);
        if (!File.Exists(file))
            return null;
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        JsonElement root = json.RootElement;
        var ending = new RunEnding(root.GetProperty("exitCode").GetInt32(), root.GetProperty("model").GetString(), root.GetProperty("state").GetString());
        return new Reference(ending, StepLog.Read(Path.Combine(_path, ReferenceLog)), root.GetProperty("seconds").GetDouble());
    }

    /// <summary>Keeps it.</summary>
    /// <param name="reference">The run.</param>
    /// <param name="log">Its step log.</param>
    public void Write(Reference reference, string log)
    {
        File.Copy(log, Path.Combine(_path, ReferenceLog), overwrite: true);
        AtomicFile.Write(Path.Combine(_path, ReferenceFile), JsonSerializer.SerializeToUtf8Bytes(new
        {
            exitCode = reference.Ending.ExitCode,
            model = reference.Ending.ModelSha256,
            state = reference.Ending.StateSha256,
            seconds = reference.Seconds,
        }));
    }

    /// <summary>The result of a run; null where it is yet to be made.</summary>
    public RunResult? ReadResult(int run) => File.Exists(ResultFile(run)) ? RunResult.Read(File.ReadAllBytes(ResultFile(run))) : null;

    /// <summary>Keeps it.</summary>
    public void Write(int run, RunResult result) => AtomicFile.Write(ResultFile(run), result.Write());

    /// <summary>A fresh folder for the files of a run; what an interrupted one left is removed.</summary>
    /// <param name="name">The run's name.</param>
    public string Begin(string name)
    {
        string folder = Path.Combine(_path, name);
        RunDisk.Unmount(Path.Combine(folder, "runs"));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>The name of a run.</summary>
    public static string NameOf(int run) => string.Create(CultureInfo.InvariantCulture, $"run-{run:0000}");

    private static byte[] Describe(CampaignOptions options) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        format = 1,
        job = JobText.Hash(options.Job),
        build = options.Build,
        seed = options.Seed,
        workers = options.Workers,
        threads = options.Threads,
        faults = options.Kinds.Select(FaultCatalogue.NameOf),
        given = options.Given?.Select(schedule => Convert.ToBase64String(Schedules.ScheduleFile.Write(schedule))),
    });

    private string ResultFile(int run) => Path.Combine(_path, NameOf(run) + ".json");
}
