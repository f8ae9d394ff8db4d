using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

/// <summary>The bits of a training in chunks through every recurrent cell, with masks and carried state, as <see cref="GoldenTrainingTests"/> has them of other layers.</summary>
public sealed unsafe class GoldenRecurrentTests
{
    private const string Golden = "ff3ee4219e59b0c09b05f81ef9f2a7264aaba980aef98edbbe84f2cbbb720e7e";
    private const int Lanes = 21;
    private const int Steps = 5;
    private const int Vocabulary = 11;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_training_has_the_bits_that_were_written_down(int threads)
    {
        Network network = Network.Build(
            [
                new EmbeddingSpec(19, Vocabulary),
                new LstmSpec(23, 2, PeepholeKind.Diagonal), new LstmSpec(18, Coupled: true), new LstmSpec(17, Peephole: PeepholeKind.Full),
                new GruSpec(22), new GruSpec(33, ResetAfter: true), new RnnSpec(21), new RnnSpec(20, Activation: RecurrentActivation.Relu),
                new DenseSpec(Vocabulary),
            ],
            new Shape(Steps), Lanes);
        var update = new UpdateSpec(new SgdSpec(0.9f) { LearningRate = 0.2 }, new GlobalNormClip(1), new RegularizationSpec(1e-4f, MaxNorm: 3));
        using var trainer = new Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), update, Lanes, threads);
        network.Initialize(trainer.Parameters.Pointer, 11);
        var random = new CounterRandom(5, RandomPurpose.Sampling);
        TreeNode[][] cuts = [[SumTree.Root(16)], [.. SumTree.Decompose(0, 5), .. SumTree.Decompose(5, 16)], [.. SumTree.Decompose(0, 15), new(15, 1)]];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int step = 0; step < 12; step++)
        {
            uint first = (uint)(step * Lanes * Steps);
            int[] tokens = [.. Enumerable.Range(0, (Lanes * Steps) + 1).Select(i => (int)(random.Bits(0, 0, first + (uint)i) % Vocabulary))];
            using var minibatch = new Minibatch(Lanes, [.. tokens.SkipLast(1).Select(token => (float)token)], classes: tokens[1..])
            {
                InputMask = step % 3 == 2 ? [.. Enumerable.Range(0, Lanes * Steps).Select(i => random.Bits(1, 0, first + (uint)i) % 5 == 0 ? 0f : 1f)] : null,
                Window = new SequenceWindow(step * 3, Steps, step == 0 ? 0 : 2, 3, step == 0 ? StateSource.Start : StateSource.Committed),
            };
            (double mean, ClipDecision clip) = trainer.Prepare(trainer.Train(minibatch, 16, cuts[(step + threads) % cuts.Length]));
            Assert.True(trainer.Update(clip, step));
            hash.AppendData(BitConverter.GetBytes(mean));
            hash.AppendData(BitConverter.GetBytes(clip.Norm));
        }
        hash.AppendData(MemoryMarshal.AsBytes(trainer.Parameters.Span));
        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.True(found == Golden, $"The training's bits are {found}, not {Golden}.");
    }
}
