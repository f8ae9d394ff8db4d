using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

/// <summary>
/// The bits of a whole training, on this machine and with these vector instructions, against those that were written
/// down once. They must be the same everywhere: also with <c>DOTNET_EnableAVX512=0</c>, <c>DOTNET_EnableAVX2=0</c> and
/// <c>DOTNET_EnableHWIntrinsic=0</c>. A change here changes every model that anybody trains.
/// </summary>
public sealed unsafe class GoldenTrainingTests
{
    private const string Golden = "b92703132d9868d40cd38b52244bae29e15877bee0e807f5f50a3d68e061da36";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_training_has_the_bits_that_were_written_down(int threads)
    {
        const int samples = 150;
        Network network = Network.Build(
            [
                new FlattenSpec(),
                new DenseSpec(67) { Initializer = new HeInitializer() }, new ActivationSpec(ActivationKind.Relu),
                new DenseSpec(45) { Initializer = new XavierInitializer() }, new ActivationSpec(ActivationKind.Tanh),
                new DenseSpec(33) { LearningRateFactor = 0.5f }, new ActivationSpec(ActivationKind.Sigmoid),
                new DenseSpec(10) { BiasInitializer = new ConstantInitializer(0) },
            ],
            new Shape(1, 8, 8));
        var update = new UpdateSpec(
            new SgdSpec(0.9f, Nesterov: true) { LearningRate = 0.3, WeightDecay = 1e-4f },
            new GlobalNormClip(0.5f), new RegularizationSpec(1e-3f, 1e-5f), new StepSchedule(7, 0.7));
        var random = new CounterRandom(5, RandomPurpose.Sampling);
        float[] inputs = [.. Enumerable.Range(0, samples * 64).Select(i => (2 * random.Uniform(0, 0, (uint)i)) - 1)];
        int[] classes = [.. Enumerable.Range(0, samples).Select(i => (int)(random.Bits(1, 0, (uint)i) % 10))];
        using var minibatch = new Minibatch(samples, inputs, classes: classes);
        using var trainer = new Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), update, samples, threads, MetricKind.Accuracy);
        network.Initialize(trainer.Parameters.Pointer, 11);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        TreeNode[][] cuts = [[SumTree.Root(16)], [.. SumTree.Decompose(0, 5), .. SumTree.Decompose(5, 16)], [.. SumTree.Decompose(0, 15), new(15, 1)]];
        for (int step = 0; step < 20; step++)
        {
            float[] gradient = trainer.Train(minibatch, 16, cuts[(step + threads) % cuts.Length]);
            (double loss, ClipDecision clip) = trainer.Prepare(gradient);
            Assert.True(trainer.Update(clip, step));
            hash.AppendData(BitConverter.GetBytes(loss));
            hash.AppendData(BitConverter.GetBytes(clip.Norm));
        }
        hash.AppendData(MemoryMarshal.AsBytes(trainer.Parameters.Span));
        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.True(found == Golden, $"The training's bits are {found}, not {Golden}.");
    }
}
