using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Library;

/// <summary>The README's example of the engine without a cluster, as it stands there.</summary>
internal static unsafe class LibraryExample
{
    // begin README
    /// <summary>Teaches a small network exclusive or; returns the class that it gives to each of the four inputs.</summary>
    public static int[] LearnExclusiveOr(int steps)
    {
        float[] inputs = [0, 0, 0, 1, 1, 0, 1, 1];
        int[] classes = [0, 1, 1, 0];

        Network network = Network.Build([new DenseSpec(8), new ActivationSpec(ActivationKind.Tanh), new DenseSpec(2)], new Shape(2));
        var rule = new UpdateRule(network.Layout, new UpdateSpec(new SgdSpec(Momentum: 0.9f) { LearningRate = 0.1 }));
        long length = network.Layout.Length;
        using FloatBuffer parameters = new(length), next = new(length), gradient = new(length), momentum = new(length), outputs = new(4 * 2);
        using var crew = new ComputeCrew(threads: 1);
        using var replica = new Replica(network, new LossSpec(LossKind.SoftmaxCrossEntropy), [MetricKind.Accuracy], maximumSamples: 4, crew);
        network.Initialize(parameters.Pointer, seed: 1);

        fixed (float* x = inputs)
        fixed (int* y = classes)
        {
            var batch = new Batch { Inputs = x, Classes = y, Count = 4 };
            const int shards = 4;
            for (int step = 0; step < steps; step++)
            {
                // One node, the whole tree. A cluster's worker computes smaller nodes; the parameter server adds them as the tree says.
                replica.UseParameters(parameters.Pointer, version: step);
                replica.Train([SumTree.Root(shards)], shards, 4, batch, [(nint)gradient.Pointer], new Ignore(), CancellationToken.None);

                var squares = new double[network.Layout.Blocks.Count];
                foreach (ParameterBlock block in network.Layout.Blocks)
                    squares[block.Index] = rule.Prepare(block, gradient.Pointer + block.Offset, divisor: 4, samples: 4, parameters.Pointer);
                ClipDecision clip = rule.Decide(squares);
                foreach (ParameterBlock block in network.Layout.Blocks)
                    rule.Apply(block, gradient.Pointer + block.Offset, clip, step, parameters.Pointer, next.Pointer, [(nint)momentum.Pointer]);
                next.Span.CopyTo(parameters.Span);
            }

            replica.UseParameters(parameters.Pointer, version: steps);
            replica.Predict(batch, outputs.Pointer);
        }
        return [.. Enumerable.Range(0, 4).Select(sample => outputs.Span[2 * sample] > outputs.Span[(2 * sample) + 1] ? 0 : 1)];
    }

    /// <summary>Results are announced as soon as they are final; here nobody waits for them.</summary>
    private sealed class Ignore : IStepSink
    {
        public void BucketReady(int bucket) { }

        public void SumsReady(int node, ReadOnlySpan<double> sums) { }
    }
    // end README
}
