using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;

namespace Lockstep.Benchmarks.Clusters;

/// <summary>
/// The same job on a cluster of processes of the real program: a coordinator with its parameter server, and workers. A step's
/// time is what the coordinator writes to <c>metrics.jsonl</c>: from the end of the step before to the end of this one.
/// </summary>
/// <param name="Losses">Of every step.</param>
/// <param name="Milliseconds">Of every step after the warm-up.</param>
internal sealed record ClusterRun(IReadOnlyList<double> Losses, Distribution Milliseconds)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <param name="workers">Worker processes, of one compute thread each.</param>
    /// <param name="shards">Leaves of the sum tree.</param>
    /// <param name="warmUp">Steps that are not measured.</param>
    /// <param name="steps">Steps that are.</param>
    /// <exception cref="InvalidOperationException">The run failed; the message has what it printed.</exception>
    public static ClusterRun Run(int workers, int shards, int warmUp, int steps)
    {
        DirectoryInfo output = Directory.CreateTempSubdirectory("lockstep-benchmarks-cluster-");
        try
        {
            Train(output.FullName, workers, shards, warmUp + steps);
            string metrics = Path.Combine(output.EnumerateDirectories().Single().FullName, "metrics.jsonl");
            List<(double Loss, double Seconds)> read = Read(metrics);
            return read.Count == warmUp + steps
                ? new ClusterRun([.. read.Select(step => step.Loss)], Distribution.Of(read.Skip(warmUp).Select(step => step.Seconds * 1000)))
                : throw new InvalidOperationException($"The run should have {warmUp + steps} steps, and wrote {read.Count} to {metrics}.");
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private static void Train(string output, int workers, int shards, int steps)
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "lockstep.dll"), "train", MnistMlp.JobFile, "--plain", "--threads", "1",
            "--workers", Text(workers), "--steps", Text(steps), "--output", output, "--set", MnistMlp.Shards(shards),
        ];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("dotnet did not start.");
        Task<string> printed = process.StandardOutput.ReadToEndAsync();
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"The cluster did not end within {Patience.TotalMinutes} minutes. It printed:\n{printed.Result}{complaints.Result}");
        }
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The cluster ended with exit code {process.ExitCode}. It printed:\n{printed.Result}{complaints.Result}");
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
