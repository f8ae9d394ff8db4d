using Lockstep.Cli.Inspection;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary>Trains a plan in this process, one node the whole tree.</summary>
internal static unsafe class LoneTraining
{
    public static void Run(TrainingPlan plan, FloatBuffer parameters)
    {
        long length = plan.Network.Layout.Length;
        using FloatBuffer next = new(length), gradient = new(length);
        FloatBuffer[] states = [.. plan.Rule.StateNames.Select(_ => new FloatBuffer(length))];
        nint[] pointers = [.. states.Select(state => (nint)state.Pointer)];
        using var crew = new ComputeCrew(1);
        using Replica replica = plan.CreateReplica(crew);
        using var loader = new MinibatchLoader(plan);
        parameters.Span.CopyTo(next.Span);
        for (long step = 0; step < plan.TotalSteps; step++)
        {
            Minibatch minibatch = plan.MinibatchAt(step);
            replica.UseParameters(parameters.Pointer, step);
            var sums = new RootSums(replica.Sums);
            replica.Train([SumTree.Root(plan.Shards)], plan.Shards, minibatch.Count, loader.Load(minibatch), [(nint)gradient.Pointer], sums, CancellationToken.None);
            var squares = new double[plan.Network.Layout.Blocks.Count];
            foreach (ParameterBlock block in plan.Network.Layout.Blocks)
                squares[block.Index] = plan.Rule.Prepare(block, gradient.Pointer + block.Offset, replica.Sums.Divisor(sums.Total), minibatch.Count, parameters.Pointer);
            ClipDecision clip = plan.Rule.Decide(squares);
            foreach (ParameterBlock block in plan.Network.Layout.Blocks)
                plan.Rule.Apply(block, gradient.Pointer + block.Offset, clip, step, parameters.Pointer, next.Pointer, pointers);
            next.Span.CopyTo(parameters.Span);
        }
        foreach (FloatBuffer state in states)
            state.Dispose();
    }
}
