using CsCheck;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers.Recurrent;

/// <summary>Who computes which lanes of a sequence, and with how many threads, changes no bit: neither of gradients nor of the state that is carried on.</summary>
public sealed unsafe class RecurrentInvarianceTests
{
    private const int Features = 7;
    private const int Steps = 6;
    private const int Vocabulary = 9;

    public static TheoryData<string> Cells() => new(SequenceCases.Cells);

    [Theory]
    [MemberData(nameof(Cells))]
    public void Any_cut_of_the_tree_gives_the_same_bits(string cell)
    {
        const int lanes = 19;
        using Minibatch minibatch = Make(cell, lanes, tokens: false);
        using Trainer trainer = Begin(Network.Build([SequenceCases.Cell(cell, 21, levels: 2), new DenseSpec(5)], new Shape(Steps, Features), lanes), lanes, threads: 2);
        RequireSameForAnyCut(minibatch, trainer);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_number_of_threads_changes_no_bit(int threads)
    {
        const int lanes = 33;
        foreach (string cell in SequenceCases.Cells)
        {
            using Minibatch minibatch = Make(cell, lanes, tokens: false);
            Network network = Network.Build([SequenceCases.Cell(cell, 101), new DenseSpec(5)], new Shape(Steps, Features), lanes);
            using Trainer one = Begin(network, lanes, 1);
            using Trainer several = Begin(network, lanes, threads);
            TreeNode[] nodes = [new(0, 8), new(8, 4), new(12, 2), new(14, 1), new(15, 1)];
            Assert.Equal(one.Train(minibatch, 16, nodes), several.Train(minibatch, 16, nodes), BitsOf);
            Assert.Equal(one.Sums, several.Sums);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_gradient_of_an_embedding_has_the_same_bits_for_any_cut(int threads)
    {
        const int lanes = 37;
        using Minibatch minibatch = Make("embedding", lanes, tokens: true);
        using Trainer trainer = Begin(Network.Build([new EmbeddingSpec(83, Vocabulary), new RnnSpec(5), new DenseSpec(5)], new Shape(Steps), lanes), lanes, threads);
        RequireSameForAnyCut(minibatch, trainer);
    }

    [Fact]
    public void The_gradient_of_an_embedding_is_the_tree_sum_of_the_leaves_as_they_are_written()
    {
        const int samples = 29, shards = 16, size = 3;
        using Minibatch minibatch = Make("tree", samples, tokens: true, window: null);
        using Trainer trainer = Begin(Network.Build([new EmbeddingSpec(size, Vocabulary)], new Shape(Steps)), samples, 1);
        var random = new Random(4);
        float[] targets = Minibatch.Numbers(random, samples * Steps * size);
        float[] tokens = minibatch.Inputs.ToArray();
        using var values = new Minibatch(samples, tokens, targets);
        float[] found = trainer.Train(values, shards, [SumTree.Root(shards)]);
        float[] table = trainer.Parameters.Span.ToArray();
        float[] Leaf(int leaf)
        {
            float[] sum = new float[Vocabulary * size];
            (int start, int end) = SumTree.LeafSamples(leaf, shards, samples);
            for (int place = start * Steps; place < end * Steps; place++)
            {
                for (int j = 0; j < size; j++)
                    sum[((int)tokens[place] * size) + j] += table[((int)tokens[place] * size) + j] - targets[(place * size) + j];
            }
            return sum;
        }
        float[] Sum(int first, int count) => count == 1 ? Leaf(first) : [.. Sum(first, count / 2).Zip(Sum(first + (count / 2), count / 2), (a, b) => a + b)];
        Assert.Equal(Sum(0, shards), found[..(Vocabulary * size)], BitsOf);
    }

    [Fact]
    public void A_mask_of_ones_is_no_mask()
    {
        foreach (string cell in SequenceCases.Cells)
        {
            Network network = Network.Build([SequenceCases.Cell(cell, 21, levels: 2), new DenseSpec(5)], new Shape(Steps, Features));
            using Trainer trainer = Begin(network, 8, 1);
            using Minibatch plain = Make(cell, 8, tokens: false, window: null, masked: false);
            using var ones = new Minibatch(8, plain.Inputs.ToArray(), classes: Classes(8)) { InputMask = [.. Enumerable.Repeat(1f, 8 * Steps)] };
            using var none = new Minibatch(8, plain.Inputs.ToArray(), classes: Classes(8));
            Assert.Equal(trainer.Train(none, 4, [SumTree.Root(4)]), trainer.Train(ones, 4, [SumTree.Root(4)]), BitsOf);
        }
    }

    [Fact]
    public void Sequences_in_windows_with_the_state_carried_on_give_what_whole_ones_give()
    {
        foreach (string cell in SequenceCases.Cells)
        {
            const int lanes = 5, half = Steps / 2;
            Network network = Network.Build([SequenceCases.Cell(cell, 21, levels: 2)], new Shape(Steps, Features), lanes);
            using Trainer trainer = Begin(network, lanes, 1);
            float[] inputs = Minibatch.Numbers(new Random(3), lanes * Steps * Features);
            using var whole = new Minibatch(lanes, inputs);
            float[] expected = trainer.Predict(whole);
            float[] found = new float[expected.Length];
            for (int part = 0; part < 2; part++)
            {
                using var window = new Minibatch(lanes, [.. Enumerable.Range(0, lanes).SelectMany(n => inputs.AsSpan(((n * Steps) + (part * half)) * Features, half * Features).ToArray())])
                {
                    Window = new SequenceWindow(part * half, half, 0, half, part == 0 ? StateSource.Start : StateSource.Previous),
                };
                float[] output = trainer.Predict(window);
                for (int n = 0; n < lanes; n++)
                    output.AsSpan(n * half * 21, half * 21).CopyTo(found.AsSpan(((n * Steps) + (part * half)) * 21));
            }
            Assert.Equal(expected, found, BitsOf);
        }
    }

    [Fact]
    public void A_token_that_the_layer_has_no_row_for_is_refused()
    {
        using Trainer trainer = Begin(Network.Build([new EmbeddingSpec(3, Vocabulary)], new Shape(2)), 1, 1);
        foreach (float token in new[] { -1f, Vocabulary, float.NaN, 1e20f })
        {
            using var minibatch = new Minibatch(1, [0, token]);
            var refused = Assert.Throws<Engine.Data.DataException>(() => trainer.Predict(minibatch));
            Assert.Contains("the layer has rows for 0 to 8", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_by_layer_and_axis()
    {
        Assert.Equal("number of axes", Assert.Throws<ShapeException>(() => Network.Build([new LstmSpec(3)], new Shape(4))).Axis);
        Assert.Equal("axis 1 of its output", Assert.Throws<ShapeException>(() => Network.Build([new GruSpec(0)], new Shape(4, 2))).Axis);
        Assert.Equal("its layers", Assert.Throws<ShapeException>(() => Network.Build([new RnnSpec(3, 0)], new Shape(4, 2))).Axis);
        Assert.Equal("its vocabulary", Assert.Throws<ShapeException>(() => Network.Build([new EmbeddingSpec(3)], new Shape(4))).Axis);
        Assert.Equal("number of axes", Assert.Throws<ShapeException>(() => Network.Build([new EmbeddingSpec(3, 4)], new Shape(4, 2))).Axis);
        Assert.Equal("number of axes", Assert.Throws<ShapeException>(() => Network.Build([new LastStepSpec()], new Shape(4))).Axis);
        Assert.Equal("number of axes", Assert.Throws<ShapeException>(() => Network.Build([new RepeatSpec(4)], new Shape(4, 2))).Axis);
    }

    private static bool BitsOf(float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b);

    private static readonly SequenceWindow SecondChunk = new(2, Steps, 1, 4, StateSource.Committed);

    private static Minibatch Make(string seed, int samples, bool tokens, SequenceWindow? window, bool masked = true)
    {
        var random = new Random(seed.Length);
        return new Minibatch(
            samples,
            tokens ? [.. Enumerable.Range(0, samples * Steps).Select(_ => (float)Math.Min(random.Next(Vocabulary), random.Next(Vocabulary)))] : Minibatch.Numbers(random, samples * Steps * Features),
            classes: Classes(samples))
        {
            InputMask = masked ? [.. Enumerable.Range(0, samples * Steps).Select(_ => random.Next(4) == 0 ? 0f : 1f)] : null,
            Window = window,
        };
    }

    private static Minibatch Make(string seed, int samples, bool tokens) => Make(seed, samples, tokens, SecondChunk);

    private static int[] Classes(int samples) => [.. Enumerable.Range(0, samples * Steps).Select(i => i * 7 % 5)];

    private static Trainer Begin(Network network, int samples, int threads)
    {
        var loss = network.Output[network.Output.Rank - 1] == 5 ? new LossSpec(LossKind.SoftmaxCrossEntropy) : new LossSpec(LossKind.L2);
        var trainer = new Trainer(network, loss, new UpdateSpec(new SgdSpec { LearningRate = 1 }), samples, threads);
        network.Initialize(trainer.Parameters.Pointer, 5);
        var random = new Random(9);
        foreach (ParameterView state in network.Layout.Of(ParameterRole.CarriedState))
            Minibatch.Numbers(random, (int)state.Length).CopyTo(trainer.OfParameter(trainer.Parameters, state.Name));
        return trainer;
    }

    private static void RequireSameForAnyCut(Minibatch minibatch, Trainer trainer)
    {
        float[] expected = trainer.Train(minibatch, 16, [SumTree.Root(16)]);
        double[] sums = trainer.Sums;
        Assert.Contains(trainer.Network.Layout.Of(ParameterRole.CarriedState), view => expected.AsSpan((int)view.Offset, (int)view.Length).ContainsAnyExcept(0f));
        Gen.Int[1, 15].Array[0, 6].Sample(cuts =>
        {
            int[] bounds = [.. cuts.Append(0).Append(16).Distinct().Order()];
            TreeNode[] nodes = [.. bounds.Zip(bounds.Skip(1)).SelectMany(run => SumTree.Decompose(run.First, run.Second))];
            Assert.Equal(expected, trainer.Train(minibatch, 16, nodes), BitsOf);
            Assert.Equal(sums, trainer.Sums);
        }, iter: 15, threads: 1);
    }
}
