using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Decoding;

/// <summary>Who computes which nodes, with how many threads, step by step or all at once, changes no bit of a decoder's training.</summary>
public sealed class DecoderInvarianceTests
{
    private const int Samples = 21;

    private static readonly Func<float, int> BitsOf = BitConverter.SingleToInt32Bits;

    public static TheoryData<bool, bool> Kinds() => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_cut_into_nodes_and_any_number_of_threads_gives_the_same_bits(bool tokens, bool forced)
    {
        using DecoderCase decoder = Make(tokens, forced);
        (float[] gradient, double[] sums, float[] inputGradient) = decoder.Train(8, [SumTree.Root(8)]);
        TreeNode[][] cuts = [[.. Enumerable.Range(0, 8).Select(leaf => new TreeNode(leaf, 1))], [new(0, 4), new(4, 2), new(6, 1), new(7, 1)], [SumTree.Root(8)]];
        foreach (TreeNode[] nodes in cuts)
        {
            for (int threads = 1; threads <= 3; threads++)
            {
                (float[] again, double[] sumsAgain, float[] inputAgain) = decoder.Train(8, nodes, threads);
                Assert.Equal(gradient.Select(BitsOf), again.Select(BitsOf));
                Assert.Equal(sums, sumsAgain);
                Assert.Equal(inputGradient.Select(BitsOf), inputAgain.Select(BitsOf));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_by_step_gives_the_bits_of_all_steps_at_once(bool dropout)
    {
        using DecoderCase free = Make(tokens: true, forced: false, dropout);
        (float[] outputs, int[] tokens) = free.Decode();
        using DecoderCase forced = Make(tokens: true, forced: true, dropout);
        int steps = forced.Network.Output[0];
        // What the free decoder chose, one step later.
        forced.Teacher = [.. Enumerable.Range(0, Samples * steps).Select(at => at % steps == 0 ? free.Teacher![at] : tokens[at - 1])];
        Assert.Equal(outputs.Select(BitsOf), forced.Predict().Select(BitsOf));
        Assert.Equal(free.Predict().Select(BitsOf), outputs.Select(BitsOf));
        // No gradient goes through a choice, so these are the same too; dropped numbers change the choices.
        if (dropout)
            Assert.Equal(free.Train(8, [SumTree.Root(8)]).Gradient.Select(BitsOf), free.Train(8, [.. Enumerable.Range(0, 8).Select(leaf => new TreeNode(leaf, 1))], threads: 2).Gradient.Select(BitsOf));
        else
            Assert.Equal(forced.Train(8, [SumTree.Root(8)]).Gradient.Select(BitsOf), free.Train(8, [SumTree.Root(8)]).Gradient.Select(BitsOf));
    }

    [Fact]
    public void A_second_pass_of_the_same_replica_gives_the_same_bits()
    {
        using DecoderCase decoder = Make(tokens: false, forced: false);
        float[] first = decoder.Train(8, [SumTree.Root(8)]).Gradient;
        Assert.Equal(first.Select(BitsOf), decoder.Train(8, [SumTree.Root(8)]).Gradient.Select(BitsOf));
    }

    /// <summary>The same everywhere: also with <c>DOTNET_EnableAVX512=0</c>, <c>DOTNET_EnableAVX2=0</c> and <c>DOTNET_EnableHWIntrinsic=0</c>.</summary>
    [Theory]
    [InlineData(true, true, "ce63d85d1dd63f2c")]
    [InlineData(true, false, "fd25c3e21a4152f8")]
    [InlineData(false, true, "dc51bb29987ab720")]
    [InlineData(false, false, "69d867e4d829e525")]
    public void Gradients_have_the_bits_that_were_written_down(bool tokens, bool forced, string golden)
    {
        using DecoderCase decoder = Make(tokens, forced);
        float[] gradient = decoder.Train(8, [SumTree.Root(8)], threads: 2).Gradient;
        Assert.Equal(golden, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(gradient)))[..16]);
    }

    private static DecoderCase Make(bool tokens, bool forced, bool dropout = false)
    {
        LayerSpec[] specs = tokens
            ? [new EmbeddingSpec(9, 7), new LstmSpec(11, 2), new BridgeSpec(new Shape(5), forced), new EmbeddingSpec(8, 6), new LstmSpec(13, 3), new DenseSpec(17), new ActivationSpec(ActivationKind.Relu), new DenseSpec(6)]
            : [new GruSpec(9), new LstmSpec(11, 3), new BridgeSpec(new Shape(5, 3), forced), new LstmSpec(13, 2), new DenseSpec(17), new ActivationSpec(ActivationKind.Tanh), new DenseSpec(3)];
        if (dropout)
            specs = [.. specs[..^1], new DropoutSpec(0.3f), specs[^1]];
        var decoder = new DecoderCase(specs, tokens ? new Shape(6) : new Shape(6, 4), new LossSpec(tokens ? LossKind.SoftmaxCrossEntropy : LossKind.L2), Samples, 3);
        decoder.InputMask = DecoderCase.Lengths(Samples, 6);
        decoder.TargetMask = DecoderCase.Lengths(Samples, 5);
        return decoder;
    }
}
