using CsCheck;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

/// <summary>What the promise rests on: who computes which nodes, with how many threads, changes no bit.</summary>
public sealed unsafe class ReplicaInvarianceTests
{
    private static readonly LayerSpec[] Layers =
    [
        new FlattenSpec(),
        new DenseSpec(37), new ActivationSpec(ActivationKind.Relu),
        new DenseSpec(21), new ActivationSpec(ActivationKind.Tanh),
        new DenseSpec(18), new ActivationSpec(ActivationKind.Sigmoid),
        new DenseSpec(10),
    ];

    public static TheoryData<int, int> Minibatches() => new()
    {
        { 16, 64 }, { 16, 61 }, { 16, 5 }, { 16, 0 }, { 1, 33 }, { 64, 200 }, { 8, 1 },
    };

    [Theory]
    [MemberData(nameof(Minibatches))]
    public void Nodes_together_node_by_node_and_leaf_by_leaf_give_the_same_bits(int shards, int samples)
    {
        using var minibatch = Minibatch.Random(5, samples, 24, classes: 10);
        using Trainer trainer = Make(samples, threads: 1);
        TreeNode[] leaves = [.. Enumerable.Range(0, shards).Select(leaf => new TreeNode(leaf, 1))];
        (float[] expected, double[] sums) = Alone(trainer, minibatch, shards, leaves);

        Assert.Equal(expected, trainer.Train(minibatch, shards, [SumTree.Root(shards)]), BitsOf);
        Assert.Equal(sums, trainer.Sums);
        Assert.Equal(expected, trainer.Train(minibatch, shards, leaves), BitsOf);
        Assert.Equal(sums, trainer.Sums);
    }

    [Fact]
    public void Any_cut_of_the_tree_gives_the_same_bits()
    {
        using var minibatch = Minibatch.Random(6, 75, 24, classes: 10);
        using Trainer trainer = Make(75, threads: 2);
        float[] expected = trainer.Train(minibatch, 16, [SumTree.Root(16)]);
        double[] sums = trainer.Sums;
        Gen.Int[1, 15].Array[0, 4].Sample(cuts =>
        {
            int[] bounds = [.. cuts.Append(0).Append(16).Distinct().Order()];
            TreeNode[] nodes = [.. bounds.Zip(bounds.Skip(1)).SelectMany(run => SumTree.Decompose(run.First, run.Second))];
            Assert.Equal(expected, trainer.Train(minibatch, 16, nodes), BitsOf);
            Assert.Equal(sums, trainer.Sums);
        }, iter: 50, threads: 1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_number_of_threads_changes_no_bit(int threads)
    {
        using var minibatch = Minibatch.Random(7, 700, 24, classes: 10);
        using Trainer one = Make(700, threads: 1);
        using Trainer several = Make(700, threads);
        TreeNode[] nodes = [new(0, 8), new(8, 4), new(12, 2), new(14, 1), new(15, 1)];
        Assert.Equal(one.Train(minibatch, 16, nodes), several.Train(minibatch, 16, nodes), BitsOf);
        Assert.Equal(one.Sums, several.Sums);
        Assert.Equal(one.Predict(minibatch), several.Predict(minibatch), BitsOf);
    }

    [Fact]
    public void Evaluation_gives_the_sums_of_training_and_prediction_the_same_for_any_batch()
    {
        using var minibatch = Minibatch.Random(8, 50, 24, classes: 10);
        using Trainer trainer = Make(50, threads: 2);
        trainer.Train(minibatch, 8, [SumTree.Root(8)]);
        var sink = new SinkRecord();
        trainer.Replica.Evaluate([SumTree.Root(8)], 8, 50, minibatch.Of(8, SumTree.Root(8)), sink, CancellationToken.None);
        Assert.Equal(trainer.Sums, sink.Sums[0]);
        Assert.Empty(sink.Buckets);

        float[] together = trainer.Predict(minibatch);
        float[] alone = new float[10];
        for (int i = 0; i < 50; i++)
        {
            fixed (float* output = alone)
                trainer.Replica.Predict(minibatch.Of(64, LeafOf(i, 64, 50)), output);
            Assert.Equal(together[(i * 10)..((i + 1) * 10)], alone, BitsOf);
        }
    }

    private static bool BitsOf(float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b);

    private static TreeNode LeafOf(int sample, int shards, int samples) =>
        new(Enumerable.Range(0, shards).First(leaf => SumTree.LeafSamples(leaf, shards, samples) is (int start, int end) && start <= sample && sample < end), 1);

    private static (float[], double[]) Alone(Trainer trainer, Minibatch minibatch, int shards, TreeNode[] leaves)
    {
        var gradients = new List<float[]>();
        var sums = new List<double[]>();
        foreach (TreeNode leaf in leaves)
        {
            gradients.Add(trainer.TrainNode(minibatch, shards, leaf));
            sums.Add(trainer.Sums);
        }
        return Trainer.Add(SumTree.Root(shards), leaves, [.. gradients], [.. sums]);
    }

    private static Trainer Make(int samples, int threads)
    {
        Network network = Network.Build(Layers, new Shape(2, 3, 4));
        var trainer = new Trainer(
            network, new LossSpec(LossKind.SoftmaxCrossEntropy), new UpdateSpec(new SgdSpec { LearningRate = 1 }), Math.Max(1, samples), threads,
            MetricKind.Accuracy, MetricKind.ZeroOne);
        network.Initialize(trainer.Parameters.Pointer, 3);
        return trainer;
    }
}
