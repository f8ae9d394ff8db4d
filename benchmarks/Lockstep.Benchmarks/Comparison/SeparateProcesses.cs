using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>
/// Processes of one thread at once, each of which trains a model of its own on its share of a minibatch and tells the others nothing. A cluster does the same
/// arithmetic and exchanges gradients and parameters as well, so this is what the machine leaves it to reach.
/// </summary>
internal static class SeparateProcesses
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>As a party of a comparison.</summary>
    /// <param name="name">What tables call it.</param>
    /// <param name="jobFile">The job.</param>
    /// <param name="settings">What <c>--set</c> takes.</param>
    /// <param name="plan">The job with its data.</param>
    /// <param name="turn">What is asked for.</param>
    public static Party AsParty(string name, string jobFile, IReadOnlyList<string> settings, TrainingPlan plan, Turn turn) =>
        new(name, IsLockstep: false, processes => Measure(name, jobFile, [.. settings, .. BenchmarkJob.ShareOf(plan, processes)], turn, processes));

    // The slowest: a minibatch is done once all of its shares are.
    private static PartyResult Measure(string name, string jobFile, IReadOnlyList<string> settings, Turn turn, int processes)
    {
        var running = new List<RunningProcess>();
        try
        {
            for (int i = 0; i < processes; i++)
                running.Add(RunningProcess.Start(name, "dotnet", Party.TurnArguments(jobFile, settings, turn)));
            foreach (RunningProcess process in running)
                process.Wait(Patience);
            PartyResult[] results = [.. running.Select(process => PartyResult.FromJson(process.Output))];
            foreach (PartyResult result in results)
                Agreement.RequireSameBits(Path.GetFileNameWithoutExtension(jobFile), name, result.Losses, results[0].Losses);
            return results.MaxBy(result => Distribution.Of(result.Milliseconds).Median)! with { Party = name, Threads = processes, PeakBytes = results.Sum(result => result.PeakBytes) };
        }
        finally
        {
            foreach (RunningProcess process in running)
                process.Dispose();
        }
    }
}
