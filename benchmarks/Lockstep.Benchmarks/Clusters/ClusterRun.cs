using System.Globalization;
using System.Text.Json;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Clusters;

/// <summary>
/// A job on a cluster of processes of the real program: a coordinator with its parameter server, and workers. A step's
/// time is what the coordinator writes to <c>metrics.jsonl</c>: from the end of the step before to the end of this one.
/// </summary>
/// <param name="Losses">Of every step.</param>
/// <param name="Milliseconds">Of every step after the warm-up.</param>
/// <param name="PeakBytes">The most memory that the processes had resident, added up; 0 where the system does not tell.</param>
internal sealed record ClusterRun(IReadOnlyList<double> Losses, IReadOnlyList<double> Milliseconds, long PeakBytes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public Distribution Times => Distribution.Of(Milliseconds);

    /// <param name="link">By what their numbers go.</param>
    /// <param name="jobFile">The job.</param>
    /// <param name="settings">What <c>--set</c> takes.</param>
    /// <param name="workers">Worker processes, of one compute thread each.</param>
    /// <param name="warmUp">Steps that are not measured.</param>
    /// <param name="steps">Steps that are.</param>
    /// <exception cref="InvalidOperationException">The run failed; the message has what it printed.</exception>
    public static ClusterRun Run(Link link, string jobFile, IReadOnlyList<string> settings, int workers, int warmUp, int steps)
    {
        DirectoryInfo output = Directory.CreateTempSubdirectory("lockstep-benchmarks-cluster-");
        try
        {
            string[] arguments =
            [
                Path.Combine(AppContext.BaseDirectory, "lockstep.dll"), "train", jobFile, "--plain", "--exchange", link.Exchange, "--threads", "1",
                "--workers", Text(workers), "--steps", Text(warmUp + steps), "--output", output.FullName,
                .. settings.SelectMany(setting => (string[])["--set", setting]),
            ];
            long peak = Train(arguments);
            string metrics = Path.Combine(output.EnumerateDirectories().Single().FullName, "metrics.jsonl");
            List<(double Loss, double Seconds)> read = Read(metrics);
            return read.Count == warmUp + steps
                ? new ClusterRun([.. read.Select(step => step.Loss)], [.. read.Skip(warmUp).Select(step => step.Seconds * 1000)], peak)
                : throw new InvalidOperationException($"The run should have {warmUp + steps} steps, and wrote {read.Count} to {metrics}.");
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private static long Train(IReadOnlyList<string> arguments)
    {
        using var process = RunningProcess.Start("lockstep train", "dotnet", arguments);
        var memory = new PeakMemory();
        process.Wait(Patience, () => memory.Look(process.Id));
        return memory.Total;
    }

    private static List<(double Loss, double Seconds)> Read(string metrics)
    {
        var steps = new List<(double, double)>();
        foreach (string line in File.ReadLines(metrics))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("seconds", out JsonElement seconds))
                steps.Add((json.RootElement.GetProperty("loss").GetDouble(), seconds.GetDouble()));
        }
        return steps;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
