using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

public sealed unsafe class ReplicaTests
{
    private const int Inputs = 30;

    // Three buckets: the last two layers, the wide one in the middle, the first.
    private static readonly LayerSpec[] Buckets =
    [
        new DenseSpec(2300), new ActivationSpec(ActivationKind.Relu), new DenseSpec(40), new ActivationSpec(ActivationKind.Tanh), new DenseSpec(1700), new DenseSpec(4),
    ];

    [Fact]
    public void Buckets_are_announced_from_the_last_layer_each_when_its_gradient_is_final()
    {
        using var minibatch = Minibatch.Random(1, 12, Inputs, classes: 4);
        Network network = Network.Build(Buckets, new Shape(Inputs));
        Assert.Equal(3, network.Layout.Buckets.Count);
        using var crew = new ComputeCrew(1);
        using Replica replica = MakeReplica(network, crew, 12);
        using FloatBuffer parameters = Initial(network);
        using var first = new FloatBuffer(network.Layout.Length);
        using var second = new FloatBuffer(network.Layout.Length);
        var copies = new Dictionary<int, float[]>();
        var order = new List<string>();
        var sink = new SinkRecord
        {
            OnSums = node => order.Add($"sums {node}"),
            OnBucket = bucket =>
            {
                order.Add($"bucket {bucket}");
                copies[bucket] = [.. OfBucket(network.Layout, bucket, first), .. OfBucket(network.Layout, bucket, second)];
            },
        };
        replica.UseParameters(parameters.Pointer, 0);
        TreeNode[] nodes = [new(0, 2), new(2, 1)];
        replica.Train(nodes, 4, 16, Of(minibatch, nodes, 4, 16), [(nint)first.Pointer, (nint)second.Pointer], sink, CancellationToken.None);
        Assert.Equal(["sums 0", "sums 1", "bucket 2", "bucket 1", "bucket 0"], order);
        foreach ((int bucket, float[] copy) in copies)
            Assert.Equal([.. OfBucket(network.Layout, bucket, first), .. OfBucket(network.Layout, bucket, second)], copy);
    }

    [Fact]
    public void A_cancelled_call_ends_between_layers_and_the_replica_can_be_used_again()
    {
        using var minibatch = Minibatch.Random(1, 12, Inputs, classes: 4);
        Network network = Network.Build(Buckets, new Shape(Inputs));
        using var crew = new ComputeCrew(2);
        using Replica replica = MakeReplica(network, crew, 12);
        using FloatBuffer parameters = Initial(network);
        using var gradient = new FloatBuffer(network.Layout.Length);
        using var cancellation = new CancellationTokenSource();
        replica.UseParameters(parameters.Pointer, 0);
        var cancelling = new SinkRecord { OnBucket = _ => cancellation.Cancel() };
        TreeNode[] nodes = [SumTree.Root(4)];
        Assert.Throws<OperationCanceledException>(() => replica.Train(nodes, 4, 12, minibatch.Of(4, nodes), [(nint)gradient.Pointer], cancelling, cancellation.Token));
        Assert.Equal([2], cancelling.Buckets);

        var sink = new SinkRecord();
        replica.Train(nodes, 4, 12, minibatch.Of(4, nodes), [(nint)gradient.Pointer], sink, CancellationToken.None);
        Assert.Equal([2, 1, 0], sink.Buckets);
        using Replica fresh = MakeReplica(network, crew, 12);
        using var expected = new FloatBuffer(network.Layout.Length);
        fresh.UseParameters(parameters.Pointer, 0);
        fresh.Train(nodes, 4, 12, minibatch.Of(4, nodes), [(nint)expected.Pointer], new SinkRecord(), CancellationToken.None);
        Assert.Equal(expected.Span.ToArray(), gradient.Span.ToArray());
    }

    [Fact]
    public void Steps_allocate_nothing_after_the_first()
    {
        using var minibatch = Minibatch.Random(1, 64, Inputs, classes: 4);
        Network network = Network.Build([new DenseSpec(50), new ActivationSpec(ActivationKind.Relu), new DenseSpec(20), new ActivationSpec(ActivationKind.Sigmoid), new DenseSpec(4)], new Shape(Inputs));
        using var crew = new ComputeCrew(2);
        using Replica replica = MakeReplica(network, crew, 64, MetricKind.Accuracy);
        using FloatBuffer parameters = Initial(network);
        using var gradient = new FloatBuffer(network.Layout.Length);
        using var other = new FloatBuffer(network.Layout.Length);
        TreeNode[] nodes = [new(0, 8), new(8, 8)];
        nint[] gradients = [(nint)gradient.Pointer, (nint)other.Pointer];
        Batch batch = minibatch.Of(16, nodes);
        var sink = new SilentSink();

        void Step(long version)
        {
            replica.UseParameters(parameters.Pointer, version);
            replica.Train(nodes, 16, 64, batch, gradients, sink, CancellationToken.None);
            replica.Evaluate(nodes, 16, 64, batch, sink, CancellationToken.None);
        }

        for (int i = 0; i < 3; i++)
            Step(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 3; i < 20; i++)
            Step(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_frozen_layer_has_no_gradient_and_the_others_have_the_same_as_ever()
    {
        using var minibatch = Minibatch.Random(2, 12, Inputs, classes: 4);
        float[] Gradient(bool first, bool middle)
        {
            Network network = Network.Build(
                [new DenseSpec(9) { Frozen = first }, new ActivationSpec(ActivationKind.Tanh), new DenseSpec(8) { Frozen = middle }, new DenseSpec(4)],
                new Shape(Inputs));
            using var trainer = new Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 12);
            network.Initialize(trainer.Parameters.Pointer, 1);
            return trainer.Train(minibatch, 2, [SumTree.Root(2)]);
        }
        float[] all = Gradient(false, false);
        ParameterLayout layout = Network.Build([new DenseSpec(9), new ActivationSpec(ActivationKind.Tanh), new DenseSpec(8), new DenseSpec(4)], new Shape(Inputs)).Layout;
        foreach ((bool first, bool middle) in new[] { (true, false), (false, true), (true, true) })
        {
            float[] found = Gradient(first, middle);
            for (int i = 0; i < all.Length; i++)
            {
                int? layer = layout.At(i)?.Layer;
                bool isGap = layer is null || (first && layer == 0) || (middle && layer == 2);
                Assert.Equal(BitConverter.SingleToInt32Bits(isGap ? 0 : all[i]), BitConverter.SingleToInt32Bits(found[i]));
            }
        }
    }

    [Fact]
    public void The_gradient_of_the_inputs_is_had_below_frozen_layers_too()
    {
        using var minibatch = Minibatch.Random(2, 12, Inputs, classes: 4);
        float[] Gradient(bool frozen)
        {
            Network network = Network.Build([new FlattenSpec(), new DenseSpec(9) { Frozen = frozen }, new DenseSpec(4) { Frozen = frozen }], new Shape(1, 5, 6));
            using var trainer = new Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 12);
            using var inputGradient = new FloatBuffer(12 * Inputs);
            network.Initialize(trainer.Parameters.Pointer, 1);
            trainer.Train(minibatch, 2, [SumTree.Root(2)], inputGradient);
            return inputGradient.Span.ToArray();
        }
        Assert.Equal(Gradient(false), Gradient(true));
        Assert.Contains(Gradient(true), g => g != 0);
    }

    [Fact]
    public void New_numbers_in_one_buffer_are_seen_under_a_new_version()
    {
        using var minibatch = Minibatch.Random(2, 3, Inputs, classes: 4);
        using var trainer = new Trainer(Network.Build([new DenseSpec(4)], new Shape(Inputs)), new LossSpec(LossKind.SoftmaxCrossEntropy), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 3);
        trainer.Network.Initialize(trainer.Parameters.Pointer, 1);
        float[] first = trainer.Predict(minibatch);
        trainer.Network.Initialize(trainer.Parameters.Pointer, 2);
        Assert.NotEqual(first, trainer.Predict(minibatch));
    }

    [Fact]
    public void Misuse_is_refused_by_name()
    {
        using var minibatch = Minibatch.Random(1, 8, Inputs, classes: 4);
        Network network = Network.Build([new DenseSpec(4)], new Shape(Inputs));
        using var crew = new ComputeCrew(1);
        using Replica replica = MakeReplica(network, crew, 8);
        using FloatBuffer parameters = Initial(network);
        using var gradient = new FloatBuffer(network.Layout.Length);
        nint[] gradients = [(nint)gradient.Pointer];
        Batch all = minibatch.Of(4, SumTree.Root(4));
        void Train(TreeNode[] nodes, int samples, Batch batch, nint[] to) => replica.Train(nodes, 4, samples, batch, to, new SinkRecord(), CancellationToken.None);

        Assert.Contains("UseParameters", Assert.Throws<InvalidOperationException>(() => Train([SumTree.Root(4)], 8, all, gradients)).Message);
        replica.UseParameters(parameters.Pointer, 0);
        Assert.Contains("no node", Assert.Throws<ArgumentException>(() => Train([new(1, 2)], 8, all, gradients)).Message);
        Assert.Contains("no node", Assert.Throws<ArgumentException>(() => Train([new(4, 1)], 8, all, gradients)).Message);
        Assert.Contains("the batch 8", Assert.Throws<ArgumentException>(() => Train([new(0, 2)], 8, all, gradients)).Message);
        Assert.Contains("gradient buffers", Assert.Throws<ArgumentException>(() => Train([SumTree.Root(4)], 8, all, [])).Message);
        using var large = Minibatch.Random(1, 9, Inputs, classes: 4);
        Batch tooLarge = large.Of(4, SumTree.Root(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Train([SumTree.Root(4)], 9, tooLarge, gradients));
        Assert.Throws<ArgumentException>(() => MakeReplica(network, crew, 8, MetricKind.MeanSquaredError));
        Train([SumTree.Root(4)], 8, all, gradients);
    }

    private static Replica MakeReplica(Network network, ComputeCrew crew, int samples, params MetricKind[] metrics) =>
        new(network, new LossSpec(LossKind.SoftmaxCrossEntropy), metrics, samples, crew);

    private static FloatBuffer Initial(Network network)
    {
        var parameters = new FloatBuffer(network.Layout.Length);
        network.Initialize(parameters.Pointer, 1);
        return parameters;
    }

    // A minibatch of 16 of which only the first 12 samples are at hand.
    private static Batch Of(Minibatch minibatch, TreeNode[] nodes, int shards, int samples)
    {
        Assert.Equal(12, nodes.Sum(node => SumTree.NodeSamples(node, shards, samples) is (int start, int end) ? end - start : 0));
        return minibatch.All();
    }

    private static float[] OfBucket(ParameterLayout layout, int bucket, FloatBuffer gradient)
    {
        GradientBucket held = layout.Buckets[bucket];
        return [.. layout.Blocks.Skip(held.FirstBlock).Take(held.BlockCount).SelectMany(block => gradient.Slice(block.Offset, block.Length).ToArray())];
    }

    private sealed class SilentSink : IStepSink
    {
        public void BucketReady(int bucket)
        {
        }

        public void SumsReady(int node, ReadOnlySpan<double> sums)
        {
        }
    }
}
