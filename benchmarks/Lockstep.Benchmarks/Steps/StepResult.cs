using Lockstep.Benchmarks.Measuring;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Steps;

/// <summary>What one configuration of the training step gave.</summary>
/// <param name="Threads">Compute threads.</param>
/// <param name="Shards">Leaves of the sum tree.</param>
/// <param name="Losses">Losses of the first steps, warm-up included: they say whether two runs did the same work.</param>
/// <param name="Times">Every measured step.</param>
/// <param name="AllocatedPerStep">Bytes of the garbage-collected heap that a step allocated.</param>
internal sealed record StepResult(int Threads, int Shards, IReadOnlyList<double> Losses, IReadOnlyList<StepTimes> Times, double AllocatedPerStep)
{
    private const int AllocationSteps = 4;

    /// <summary>Milliseconds a step.</summary>
    public Distribution Milliseconds => Part(times => times.Total);

    public static StepResult Measure(TrainingPlan plan, int threads, Repetition repetition)
    {
        using var loop = new TrainingLoop(plan, threads);
        var losses = new List<double>(Turn.KeptLosses);
        IReadOnlyList<StepTimes> times = repetition.Measure(() =>
        {
            StepTimes step = loop.Step();
            if (losses.Count < Turn.KeptLosses)
                losses.Add(loop.Loss);
            return step;
        });
        // Apart from the measurement: the exact number stops all threads.
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < AllocationSteps; i++)
            loop.Step();
        double allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        return new StepResult(threads, plan.Shards, losses, times, allocated / AllocationSteps);
    }

    /// <summary>Milliseconds of a part of the step.</summary>
    public Distribution Part(Func<StepTimes, long> part) => Distribution.Of(Times.Select(times => Repetition.Milliseconds(part(times))));
}
