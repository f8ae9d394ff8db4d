using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

/// <summary>The promise for networks with dropout and batch normalization, and their bits as they were written down once.</summary>
public sealed unsafe class NormalizedTrainingTests
{
    private const string Golden = "625f5a19e330ec5fd11f42152e7e5379d9c95e8e6cb54151fb17c1ad182ed744";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_training_has_the_bits_that_were_written_down(int threads)
    {
        const int samples = 150;
        Network network = Network.Build(
            [
                new BatchNormSpec(), new DropoutSpec(0.1f), new FlattenSpec(),
                new DenseSpec(67), new BatchNormSpec(0.3f, 1e-3f), new ActivationSpec(ActivationKind.Relu), new DropoutSpec(0.5f),
                new DenseSpec(33), new BatchNormSpec { Frozen = true }, new ActivationSpec(ActivationKind.Tanh), new DropoutSpec(0.25f, Inverted: false),
                new DenseSpec(10),
            ],
            new Shape(3, 5, 7));
        var random = new CounterRandom(5, RandomPurpose.Sampling);
        float[] inputs = [.. Enumerable.Range(0, samples * 105).Select(i => (2 * random.Uniform(0, 0, (uint)i)) - 1)];
        int[] classes = [.. Enumerable.Range(0, samples).Select(i => (int)(random.Bits(1, 0, (uint)i) % 10))];
        using var minibatch = new Minibatch(samples, inputs, classes: classes);
        var update = new UpdateSpec(new SgdSpec(0.9f) { LearningRate = 0.1 }, new GlobalNormClip(1));
        using var trainer = new Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), update, samples, threads, MetricKind.Accuracy);
        network.Initialize(trainer.Parameters.Pointer, 11);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        TreeNode[][] cuts = [[SumTree.Root(16)], [.. SumTree.Decompose(0, 5), .. SumTree.Decompose(5, 16)], [.. SumTree.Decompose(0, 15), new(15, 1)]];
        double first = 0, last = 0;
        for (int step = 0; step < 20; step++)
        {
            float[] gradient = trainer.Train(minibatch, 16, cuts[(step + threads) % cuts.Length]);
            (last, ClipDecision clip) = trainer.Prepare(gradient);
            first = step == 0 ? last : first;
            Assert.True(trainer.Update(clip, step));
            hash.AppendData(BitConverter.GetBytes(last));
        }
        hash.AppendData(MemoryMarshal.AsBytes(trainer.Parameters.Span));
        hash.AppendData(MemoryMarshal.AsBytes<float>(trainer.Predict(minibatch)));
        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.True(last < first / 2, $"The loss went from {first} to {last}: nothing was learned.");
        Assert.True(found == Golden, $"The training's bits are {found}, not {Golden}.");
    }

    [Theory]
    [InlineData(16, 61)]
    [InlineData(16, 5)]
    [InlineData(16, 0)]
    [InlineData(64, 100)]
    [InlineData(1, 33)]
    public void Nodes_together_and_leaf_by_leaf_give_the_same_bits(int shards, int samples)
    {
        Network network = Network.Build(
            [new DropoutSpec(0.3f), new DenseSpec(21), new BatchNormSpec(), new ActivationSpec(ActivationKind.Relu), new DropoutSpec(0.5f), new DenseSpec(10)], new Shape(24));
        using var minibatch = Minibatch.Random(5, samples, 24, classes: 10);
        using var trainer = new Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), new UpdateSpec(new SgdSpec { LearningRate = 1 }), Math.Max(1, samples), threads: 2);
        network.Initialize(trainer.Parameters.Pointer, 3);
        float[] root = trainer.Train(minibatch, shards, [SumTree.Root(shards)]);
        double[] sums = trainer.Sums;
        TreeNode[] leaves = [.. Enumerable.Range(0, shards).Select(leaf => new TreeNode(leaf, 1))];
        Assert.Equal(Bits(root), Bits(trainer.Train(minibatch, shards, leaves)));
        Assert.Equal(sums, trainer.Sums);
        float[][] alone = [.. leaves.Select(leaf => trainer.TrainNode(minibatch, shards, leaf))];
        Assert.Equal(Bits(root), Bits(Trainer.Add(SumTree.Root(shards), leaves, alone, [.. leaves.Select(_ => Array.Empty<double>())]).Gradient));
    }

    [Fact]
    public void Running_statistics_become_those_of_the_data()
    {
        Network network = Network.Build([new BatchNormSpec(0.5f), new DenseSpec(4)], new Shape(6));
        using var minibatch = Minibatch.Random(5, 64, 6, classes: 4);
        for (int i = 0; i < minibatch.Inputs.Length; i++)
            minibatch.Inputs[i] = (3 * minibatch.Inputs[i]) + 2;
        using var trainer = new Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), new UpdateSpec(new SgdSpec { LearningRate = 0.1 }), 64);
        network.Initialize(trainer.Parameters.Pointer, 3);
        for (int step = 0; step < 30; step++)
            Assert.True(trainer.Update(trainer.Prepare(trainer.Train(minibatch, 4, [SumTree.Root(4)])).Clip, step));
        for (int c = 0; c < 6; c++)
        {
            double[] column = [.. Enumerable.Range(0, 64).Select(i => (double)minibatch.Inputs[(i * 6) + c])];
            Assert.Equal(column.Average(), trainer.OfParameter(trainer.Parameters, "0.running_mean")[c], 1e-4);
            // The mean of the leaves' variances, each about its own mean.
            double variance = Enumerable.Range(0, 4).Average(leaf => column[(16 * leaf)..(16 * (leaf + 1))].Sum(v => Math.Pow(v - column[(16 * leaf)..(16 * (leaf + 1))].Average(), 2)) / 15);
            Assert.Equal(variance, trainer.OfParameter(trainer.Parameters, "0.running_var")[c], 1e-4);
        }
        Assert.Equal(2, network.Layout.Of(ParameterRole.RunningStatistic).Count());
    }

    private static int[] Bits(float[] numbers) => [.. numbers.Select(BitConverter.SingleToInt32Bits)];
}
