using Lockstep.Benchmarks.Clusters;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>A coordinator and workers of the real program as a party: the job's steps, and where it draws masks also a run of a few steps without.</summary>
internal sealed class ClusterParty
{
    public const string Name = "Lockstep, cluster";

    private readonly string _jobFile;
    private readonly IReadOnlyList<string> _settings;
    private readonly TrainingPlan _plan;
    private readonly Turn _turn;
    private readonly PartyResult _alone;
    private readonly Dictionary<int, IReadOnlyList<double>> _checks = [];

    /// <param name="jobFile">The job.</param>
    /// <param name="settings">What <c>--set</c> takes.</param>
    /// <param name="plan">The job with its data.</param>
    /// <param name="turn">How long a turn is.</param>
    /// <param name="alone">A turn in one process: its losses must be the cluster's, bit for bit, and its times say how many steps the cluster's turns have.</param>
    public ClusterParty(string jobFile, IReadOnlyList<string> settings, TrainingPlan plan, Turn turn, PartyResult alone) =>
        (_jobFile, _settings, _plan, _turn, _alone) = (jobFile, settings, plan, turn, alone);

    /// <summary>As a party of a comparison.</summary>
    public Party AsParty() => new(Name, IsLockstep: true, Measure);

    private PartyResult Measure(int workers)
    {
        double each = Distribution.Of(_alone.Milliseconds).Median / 1000;
        int warmUp = Math.Max(_turn.WarmUpSteps, (int)Math.Ceiling(_turn.WarmUpSeconds / each));
        int steps = Math.Max(_turn.Steps, (int)Math.Ceiling(_turn.Seconds / each));
        var run = ClusterRun.Run(Link.SharedMemory, _jobFile, _settings, workers, warmUp, steps);
        IReadOnlyList<double> losses = _turn.CheckSteps > 0 ? Check(workers) : [.. run.Losses.Take(Turn.KeptLosses)];
        Agreement.RequireSameBits(_plan.Job.Name, $"a cluster of {workers}", losses, _alone.Losses);
        return new PartyResult(Name, workers, losses, run.Milliseconds, run.PeakBytes);
    }

    private IReadOnlyList<double> Check(int workers)
    {
        if (!_checks.TryGetValue(workers, out IReadOnlyList<double>? losses))
            _checks[workers] = losses = ClusterRun.Run(Link.SharedMemory, _jobFile, [.. _settings, .. BenchmarkJob.WithoutDropout(_plan.Job)], workers, warmUp: 0, _turn.CheckSteps).Losses;
        return losses;
    }
}
