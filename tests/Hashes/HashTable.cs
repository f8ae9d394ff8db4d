using System.Globalization;
using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Hashes;

/// <summary>One row: what happened, the hashes that came of it, and whether everything is as it is without.</summary>
public sealed record HashRow(string Disturbance, TestJob Job, string ModelSha256, string StateSha256, double Seconds, string? Difference)
{
    public string Verdict => Difference is null ? "OK" : "DIFFERS";
}

/// <summary>The table of hashes, as Markdown, written row by row.</summary>
/// <param name="output">Where the table goes.</param>
/// <param name="time">For the seconds.</param>
public sealed class HashTable(TextWriter output, TimeProvider time)
{
    private readonly Dictionary<TestJob, Observation> _undisturbed = [];
    private readonly List<HashRow> _rows = [];

    /// <summary>The rows whose run was not as it is without a disturbance.</summary>
    public IEnumerable<HashRow> Different => _rows.Where(row => row.Difference is not null);

    public int Count => _rows.Count;

    public void WriteHead()
    {
        output.WriteLine("| Job | What happens | Steps | SHA-256 of the model | SHA-256 of the whole state | Seconds | |");
        output.WriteLine("| --- | --- | --: | --- | --- | --: | --- |");
    }

    /// <summary>Runs a job undisturbed: the others of that job are compared with it.</summary>
    public async Task AddUndisturbedAsync(TestJob job)
    {
        long start = time.GetTimestamp();
        Observation run = await Disturbance.None(job).ObserveAsync();
        if (run.Summary.ExitCode != 0)
            throw new HarnessException($"The undisturbed run failed:\n{run.Transcript}");
        _undisturbed[job] = run;
        Add(new HashRow("nothing: 1 worker, 1 thread", job, run.Summary.ModelSha256!, run.Summary.StateSha256!, time.GetElapsedTime(start).TotalSeconds, null));
    }

    /// <summary>Lets something happen and compares.</summary>
    /// <param name="name">What is written.</param>
    /// <param name="disturbance">What happens.</param>
    /// <param name="program">The build; null for the one beside this program.</param>
    public async Task AddAsync(string name, Disturbance disturbance, LockstepProgram? program = null)
    {
        long start = time.GetTimestamp();
        string model = "", state = "", difference;
        try
        {
            Observation run = await disturbance.ObserveAsync(program);
            (model, state) = (run.Summary.ModelSha256 ?? "", run.Summary.StateSha256 ?? "");
            difference = run.DifferenceFrom(_undisturbed[disturbance.Job]) ?? "";
        }
        catch (HarnessException e)
        {
            difference = e.Message;
        }
        Add(new HashRow(name, disturbance.Job, model, state, time.GetElapsedTime(start).TotalSeconds, difference.Length == 0 ? null : difference));
    }

    /// <summary>The rows of some jobs once more, a line for each job and a column for each disturbance.</summary>
    public void WriteMatrix(IReadOnlyList<TestJob> jobs, IReadOnlyList<string> disturbances)
    {
        output.WriteLine($"\n| Job | Model | State | {string.Join(" | ", disturbances)} |");
        output.WriteLine($"| --- | --- | --- |{string.Concat(disturbances.Select(_ => " --- |"))}");
        foreach (TestJob job in jobs)
        {
            RunSummary summary = _undisturbed[job].Summary;
            IEnumerable<string> verdicts = disturbances.Select(name => _rows.Single(row => row.Job == job && row.Disturbance == name).Verdict);
            output.WriteLine($"| {job.Name} | `{summary.ModelSha256![..16]}…` | `{summary.StateSha256![..16]}…` | {string.Join(" | ", verdicts)} |");
        }
    }

    private void Add(HashRow row)
    {
        _rows.Add(row);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {row.Job.Name} | {row.Disturbance} | {row.Job.Steps} | `{row.ModelSha256}` | `{row.StateSha256}` | {row.Seconds:0.0} | {row.Verdict} |"));
        output.Flush();
    }
}
