using System.Runtime.InteropServices;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;
using Lockstep.WorkerNode.Computing;
using Lockstep.WorkerNode.Parameters;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.Coordinator.Tests.Nets;

/// <summary>All that is after so many steps.</summary>
/// <param name="Parameters">The flat buffer: parameters, running statistics, carried state.</param>
/// <param name="Optimizer">The optimizer's states.</param>
/// <param name="TrainingSums">Sums of the step that begins here; null at the end.</param>
/// <param name="EvaluationSums">Sums over the validation part with these parameters; null where it is not due.</param>
internal sealed record NetState(float[] Parameters, float[][] Optimizer, double[]? TrainingSums, double[]? EvaluationSums);

/// <summary>What training is: one worker computes every minibatch as a whole, and the update rule makes of it the next version. No server, no tree of contributions.</summary>
internal static unsafe class LoneRun
{
    /// <summary>The states before each step, and the one at the end.</summary>
    /// <param name="net">The job.</param>
    /// <param name="skips">Steps that are left out, as if a number of theirs were not finite.</param>
    public static List<NetState> Of(NetPlan net, params long[] skips)
    {
        TrainingPlan plan = net.Plan;
        ParameterLayout layout = plan.Network.Layout;
        using var crew = new ComputeCrew(1);
        var sent = new SentParts();
        using var computation = new StepComputation(plan, crew, sent);
        using FloatBuffer current = InitialParameters.Of(plan, net.Files);
        using var next = new FloatBuffer(layout.Length);
        FloatBuffer[] optimizer = [.. plan.Rule.StateNames.Select(_ => new FloatBuffer(layout.Length))];
        var states = new List<NetState>();
        for (long step = 0; step <= plan.TotalSteps; step++)
        {
            computation.Compute(new Assignment(new HeldVersion(step, 1, current), [SumTree.Root(plan.Shards)], true, CancellationToken.None));
            List<SentPart> parts = sent.Take();
            double[]? training = parts.Where(part => part.Channel == layout.Blocks.Count).Select(part => Doubles(part.Bits)).SingleOrDefault();
            states.Add(new NetState(current.Span.ToArray(), [.. optimizer.Select(state => state.Span.ToArray())], training, EvaluationSums(plan, parts)));
            if (training is null || skips.Contains(step))
            {
                if (training is not null)
                    Skip(plan, step, current);
                continue;
            }
            Update(plan, step, [.. parts.Where(part => part.Channel < layout.Blocks.Count).OrderBy(part => part.Channel)], training, current, next, optimizer);
            next.Span.CopyTo(current.Span);
        }
        foreach (FloatBuffer state in optimizer)
            state.Dispose();
        return states;
    }

    public static double[] Doubles(byte[] bits) => MemoryMarshal.Cast<byte, double>(bits).ToArray();

    private static double[]? EvaluationSums(TrainingPlan plan, List<SentPart> parts)
    {
        double[]? total = null;
        foreach (SentPart part in parts.Where(part => part.Channel > plan.Network.Layout.Blocks.Count).OrderBy(part => part.Channel))
        {
            total ??= new double[plan.Sums.Length];
            StepSums.Add(total, Doubles(part.Bits), total);
        }
        return total;
    }

    // A state that was carried here belongs to other sequences where this step is the first of its own: they begin with nothing.
    private static void Skip(TrainingPlan plan, long step, FloatBuffer parameters)
    {
        foreach (ParameterView carried in plan.Network.Layout.Of(ParameterRole.CarriedState))
        {
            if (plan.MinibatchAt(step).Window is { State: StateSource.Start })
                parameters.Slice(carried.Offset, checked((int)carried.Length)).Clear();
        }
    }

    private static void Update(TrainingPlan plan, long step, SentPart[] gradient, double[] sums, FloatBuffer current, FloatBuffer next, FloatBuffer[] optimizer)
    {
        IReadOnlyList<ParameterBlock> blocks = plan.Network.Layout.Blocks;
        double[] squares = new double[blocks.Count];
        foreach (ParameterBlock block in blocks)
        {
            fixed (byte* bits = gradient[block.Index].Bits)
                squares[block.Index] = plan.Rule.Prepare(block, (float*)bits, plan.Sums.Divisor(sums), StepSums.SampleCount(sums), current.Pointer);
        }
        ClipDecision clip = plan.Rule.Decide(squares);
        foreach (ParameterBlock block in blocks)
        {
            fixed (byte* bits = gradient[block.Index].Bits)
                Assert.True(plan.Rule.Apply(block, (float*)bits, clip, step, current.Pointer, next.Pointer, [.. optimizer.Select(state => (nint)state.Pointer)]));
        }
        plan.Rule.ApplyMaxNorm(next.Pointer);
    }
}
