using System.Numerics;
using Lockstep.Engine.Memory;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Simulation.Costs;

namespace Lockstep.Simulation.Measuring;

/// <summary>Measures on this machine, within a few seconds, what the parts of a job's training step cost.</summary>
public static class CostMeasurement
{
    /// <summary>Time for computing nodes, warming up included.</summary>
    private const double ComputeSeconds = 5;

    /// <summary>Measures them.</summary>
    /// <param name="plan">The job.</param>
    /// <param name="source">Where its files are.</param>
    /// <param name="threads">Compute threads of a worker.</param>
    /// <param name="workers">Numbers of workers that a forecast is wanted for; with one worker it always is.</param>
    /// <param name="updateThreads">Threads for the update beside one, at most the processors of this machine.</param>
    /// <param name="unixSocket">Whether workers are processes of one machine, and talk over a Unix domain socket.</param>
    /// <param name="time">The clock.</param>
    public static StepCosts Run(TrainingPlan plan, JobSource source, int threads, IReadOnlyCollection<int> workers, int updateThreads, bool unixSocket, TimeProvider time)
    {
        using FloatBuffer parameters = InitialParameters.Of(plan, source);
        using var compute = new ComputeMeter(plan, parameters, threads, time);
        // With as many workers as that each has this many leaves, rounded down; one worker has them all.
        int fewest = (int)BitOperations.RoundUpToPowerOf2((uint)(plan.Shards / workers.Max()) + 1) / 2;
        NodeCost nodes = compute.Measure(Math.Max(1, fewest), plan.Shards, ComputeSeconds);
        using var arithmetic = new ArithmeticMeter(plan, parameters, compute.Gradient, compute.Sums, time);
        (ThreadedCost prepare, ThreadedCost apply) = arithmetic.Update(updateThreads);
        DirectoryInfo? folder = unixSocket ? Directory.CreateTempSubdirectory("lockstep-") : null;
        try
        {
            using var frames = new FrameMeter(folder?.FullName, time);
            double frame = frames.Frame();
            return new StepCosts
            {
                Compute = nodes,
                HashPerByte = arithmetic.HashPerByte(),
                AddPerByte = arithmetic.AddPerByte(),
                CopyPerByte = frames.CopyPerByte(),
                Frame = frame,
                Wake = frames.Wake(frame),
                Contribution = LedgerMeter.Measure(plan.Shards, time),
                Prepare = prepare,
                Apply = apply,
            };
        }
        finally
        {
            folder?.Delete(recursive: true);
        }
    }
}
