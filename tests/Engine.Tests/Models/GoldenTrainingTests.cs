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
    private const string Golden = "2e2923c251ae5584a9a329c63e22dbf483e2dd03edd00553c21220034143d805";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_training_has_the_bits_that_were_written_down(int threads)
    {
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
        RequireBits(Golden, network, new LossSpec(LossKind.SoftmaxCrossEntropy), update, threads);
    }

    public static TheoryData<LossSpec, UpdateSpec, string> Variants() => new()
    {
        {
            new LossSpec(LossKind.BinaryCrossEntropy),
            new UpdateSpec(new AdamSpec { LearningRate = 0.01, WeightDecay = 1e-4f }, null, new RegularizationSpec(MaxNorm: 1), new CosineSchedule(1e-4, 20) { WarmUpSteps = 3 }),
            "0f5e26a84c02364746b853de6c4d916dfb972b005ebf583961d2d17495dce6dc"
        },
        { new LossSpec(LossKind.MulticlassHinge), new UpdateSpec(new AdagradSpec { LearningRate = 0.05 }, new ValueClip(0.1f), null, new InverseSchedule(0.1)), "a0bad21ed34368079af4850aa2087bd6d7c26a0d4c3b83a7218e990783a19864" },
        { new LossSpec(LossKind.BinaryCrossEntropyOnProbabilities), new UpdateSpec(new RmsPropSpec { LearningRate = 0.01 }, Schedule: new ExponentialSchedule(7, 0.5)), "086efc7604bd5b4effe3da5a22882dd9dee54507450cbf65942901b175b32f2d" },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Trainings_with_other_losses_and_optimizers_have_the_bits_that_were_written_down(LossSpec loss, UpdateSpec update, string golden)
    {
        Network network = Network.Build(
            [new FlattenSpec(), new DenseSpec(67), new LeakyReluSpec(0.1f), new DenseSpec(10), new SoftmaxSpec()], new Shape(1, 8, 8));
        for (int threads = 1; threads <= 3; threads++)
            RequireBits(golden, network, loss, update, threads);
    }

    private static void RequireBits(string golden, Network network, LossSpec loss, UpdateSpec update, int threads)
    {
        const int samples = 150;
        var random = new CounterRandom(5, RandomPurpose.Sampling);
        float[] inputs = [.. Enumerable.Range(0, samples * 64).Select(i => (2 * random.Uniform(0, 0, (uint)i)) - 1)];
        int[] classes = [.. Enumerable.Range(0, samples).Select(i => (int)(random.Bits(1, 0, (uint)i) % 10))];
        float[] values = new float[samples * 10];
        for (int i = 0; i < samples; i++)
            values[(i * 10) + classes[i]] = 1;
        using var minibatch = new Minibatch(samples, inputs, values, classes);
        using var trainer = new Trainer(network, loss, update, samples, threads, MetricKind.Accuracy);
        network.Initialize(trainer.Parameters.Pointer, 11);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        TreeNode[][] cuts = [[SumTree.Root(16)], [.. SumTree.Decompose(0, 5), .. SumTree.Decompose(5, 16)], [.. SumTree.Decompose(0, 15), new(15, 1)]];
        for (int step = 0; step < 20; step++)
        {
            float[] gradient = trainer.Train(minibatch, 16, cuts[(step + threads) % cuts.Length]);
            (double mean, ClipDecision clip) = trainer.Prepare(gradient);
            Assert.True(trainer.Update(clip, step));
            hash.AppendData(BitConverter.GetBytes(mean));
            hash.AppendData(BitConverter.GetBytes(clip.Norm));
        }
        hash.AppendData(MemoryMarshal.AsBytes(trainer.Parameters.Span));
        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.True(found == golden, $"The training's bits are {found}, not {golden}.");
    }
}
