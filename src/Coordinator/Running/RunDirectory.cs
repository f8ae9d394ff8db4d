using System.Globalization;
using System.Text.Json;
using Lockstep.Coordinator.Terms;
using Lockstep.Engine.Serialization;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Running;

/// <summary>The run directory is in use, or is not one.</summary>
public sealed class RunDirectoryException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Everything that a run leaves behind: <c>job.yaml</c>, <c>run.json</c> with its identity and highest term, metrics, logs and
/// checkpoints. While a coordinator uses it, it is locked.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    private const string IdentityFile = "run.json";
    private const string LockFile = ".lock";
    private const string JobFileName = "job.yaml";

    private readonly FileStream _lock;

    private RunDirectory(string path, RunId run, long recordedTerm, FileStream held) =>
        (Path, Run, RecordedTerm, _lock) = (path, run, recordedTerm, held);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The run's identity, kept when it is resumed.</summary>
    public RunId Run { get; }

    /// <summary>The highest term that a coordinator of this directory has led at; 0 where none has.</summary>
    public long RecordedTerm { get; private set; }

    /// <summary>Makes the folder of a new run, <c>NAME-TIME</c> in the given one.</summary>
    /// <param name="runs">The folder of all runs.</param>
    /// <param name="name">The job's name.</param>
    /// <param name="job">The resolved job.</param>
    /// <param name="time">For the name.</param>
    /// <param name="run">The run's identity where it was begun elsewhere; null to draw one.</param>
    /// <param name="term">The highest term that is known of it.</param>
    /// <exception cref="RunDirectoryException">The folder cannot be made.</exception>
    public static RunDirectory Create(string runs, string name, byte[] job, TimeProvider time, RunId? run = null, long term = 0)
    {
        string stamp = time.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        try
        {
            Directory.CreateDirectory(runs);
            (string path, FileStream held) = Claim(System.IO.Path.Combine(runs, $"{name}-{stamp}"));
            var directory = new RunDirectory(path, run ?? RunId.New(), term, held);
            AtomicFile.Write(System.IO.Path.Combine(path, JobFileName), job);
            directory.Record(term);
            return directory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunDirectoryException($"No run can be kept in {runs}: {e.Message} Choose another folder with --output.", e);
        }
    }

    /// <summary>Opens the folder of a run that is to be resumed.</summary>
    /// <exception cref="RunDirectoryException">It is in use, or is not the folder of a run.</exception>
    public static RunDirectory Open(string path)
    {
        string identity = System.IO.Path.Combine(path, IdentityFile);
        if (!File.Exists(identity))
            throw new RunDirectoryException($"{path} is not the folder of a run: it has no {IdentityFile}. Give the folder that the run printed (runs/NAME-TIME).");
        FileStream held = Lock(path);
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(identity));
            long term = json.RootElement.GetProperty("term").GetInt64();
            if (term is < 0 or >= TermRule.Highest)
                throw new FormatException($"{term} is no term that a coordinator can have led at.");
            return new RunDirectory(path, RunId.Parse(json.RootElement.GetProperty("run").GetString() ?? ""), term, held);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            throw new RunDirectoryException($"{identity} cannot be read: {e.Message} Restore it, or begin the run anew.", e);
        }
    }

    /// <summary>The job that the run was begun with.</summary>
    public byte[] ReadJob() => File.ReadAllBytes(System.IO.Path.Combine(Path, JobFileName));

    /// <summary>Records the term that a coordinator leads at, synced to disk, before its first view.</summary>
    public void Record(long term)
    {
        AtomicFile.Write(
            System.IO.Path.Combine(Path, IdentityFile),
            JsonSerializer.SerializeToUtf8Bytes(new { run = Run.ToString(), term }));
        RecordedTerm = term;
    }

    // The lock's file stays: were it deleted, one coordinator could lock the deleted file and another a new one of that name.
    public void Dispose() => _lock.Dispose();

    // Two runs of a job in one second are told apart by a number, and two processes that make them by who made the lock's file.
    private static (string Path, FileStream Held) Claim(string wanted)
    {
        for (int i = 1; ; i++)
        {
            string path = i == 1 ? wanted : $"{wanted}-{i.ToString(CultureInfo.InvariantCulture)}";
            if (Directory.Exists(path))
                continue;
            Directory.CreateDirectory(path);
            try
            {
                return (path, new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists(System.IO.Path.Combine(path, LockFile)))
            {
                // Another process was quicker.
            }
        }
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunDirectoryException($"{path} is in use by another coordinator, or cannot be written: {e.Message} Wait until that one has ended.", e);
        }
    }
}
