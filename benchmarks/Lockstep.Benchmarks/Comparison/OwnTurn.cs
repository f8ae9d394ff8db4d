using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Steps;
using Lockstep.Benchmarks.Workload;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>Lockstep's turn: a job in one process, in this one.</summary>
internal static class OwnTurn
{
    /// <param name="jobFile">The job.</param>
    /// <param name="settings">What <c>--set</c> takes.</param>
    /// <param name="turn">What is asked for.</param>
    public static PartyResult Measure(string jobFile, IReadOnlyList<string> settings, Turn turn)
    {
        TrainingPlan plan = BenchmarkJob.Plan(jobFile, settings);
        var losses = new List<double>(Turn.KeptLosses);
        if (turn.CheckSteps > 0)
        {
            using var check = new TrainingLoop(BenchmarkJob.Plan(jobFile, [.. settings, .. BenchmarkJob.WithoutDropout(plan.Job)]), turn.Threads);
            for (int step = 0; step < turn.CheckSteps; step++)
            {
                check.Step();
                losses.Add(check.Loss);
            }
        }
        using var loop = new TrainingLoop(plan, turn.Threads);
        List<StepTimes> times = turn.Repetition().Measure(() =>
        {
            StepTimes step = loop.Step();
            if (turn.CheckSteps == 0 && losses.Count < Turn.KeptLosses)
                losses.Add(loop.Loss);
            return step;
        });
        return new PartyResult("Lockstep", turn.Threads, losses, [.. times.Select(step => Repetition.Milliseconds(step.Total))], PeakMemory.OfThisProcess());
    }
}
