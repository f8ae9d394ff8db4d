using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Decoding;

/// <summary>Text goes on one token at a time as one pass over the whole would have it.</summary>
public sealed unsafe class NextTokensTests
{
    private const int Vocabulary = 7;

    public static TheoryData<bool, bool> Inputs() => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void A_continuation_is_what_one_pass_over_the_whole_gives(bool oneHot, bool greedy)
    {
        using var text = new Text(oneHot, steps: 4);
        TokenSampler? sampler = greedy ? null : new TokenSampler(9);
        using var generator = new NextTokens(text.Network, text.Replica, sampler);
        int[] prime = [3, 1, 4, 1, 5, 2];
        generator.Read(prime);
        List<int> tokens = [.. prime];
        for (int i = 0; i < 9; i++)
            tokens.Add(generator.Next());

        using var whole = new Text(oneHot, steps: tokens.Count);
        float[] outputs = whole.Predict(tokens);
        for (int i = prime.Length; i < tokens.Count; i++)
        {
            float[] row = outputs[((i - 1) * Vocabulary)..(i * Vocabulary)];
            fixed (float* y = row)
                Assert.Equal(sampler?.Draw(y, Vocabulary, 0, i - prime.Length) ?? Array.IndexOf(row, row.Max()), tokens[i]);
        }
        Assert.True(greedy || tokens.Skip(prime.Length).Distinct().Count() > 2, string.Join(' ', tokens));
    }

    [Fact]
    public void Draws_are_a_function_of_the_seed_and_of_what_was_read()
    {
        using var text = new Text(oneHot: false, steps: 4);
        Assert.Equal(Continue(text, 5, [1, 2, 3]), Continue(text, 5, [1, 2, 3]));
        Assert.NotEqual(Continue(text, 5, [1, 2, 3]), Continue(text, 6, [1, 2, 3]));
        Assert.NotEqual(Continue(text, 5, [1, 2, 3]), Continue(text, 5, [0, 2, 6]));
    }

    [Fact]
    public void A_state_starts_anew_with_every_generator()
    {
        using var text = new Text(oneHot: false, steps: 3);
        int[] first = Continue(text, null, [1]);
        Continue(text, null, [5, 5, 5, 5]);
        Assert.Equal(first, Continue(text, null, [1]));
    }

    [Fact]
    public void What_does_not_go_on_is_refused()
    {
        using var text = new Text(oneHot: true, steps: 3);
        using var generator = new NextTokens(text.Network, text.Replica);
        Assert.Throws<InvalidOperationException>(() => generator.Next());
        Assert.Throws<ArgumentOutOfRangeException>(() => generator.Read([Vocabulary]));
        using var crew = new ComputeCrew(1);
        Network image = Network.Build([new FlattenSpec(), new DenseSpec(3)], new Shape(2, 2));
        using var replica = new Replica(image, new LossSpec(LossKind.SoftmaxCrossEntropy), [], 1, crew);
        Assert.Throws<ShapeException>(() => new NextTokens(image, replica));
    }

    private static int[] Continue(Text text, ulong? seed, int[] prime)
    {
        using var generator = new NextTokens(text.Network, text.Replica, seed is { } number ? new TokenSampler(number) : null);
        generator.Read(prime);
        return [.. Enumerable.Range(0, 20).Select(_ => generator.Next())];
    }

    private sealed class Text : IDisposable
    {
        private readonly ComputeCrew _crew = new(1);
        private readonly FloatBuffer _parameters;

        public Text(bool oneHot, int steps)
        {
            LayerSpec[] layers = [new LstmSpec(9), new GruSpec(8), new DenseSpec(Vocabulary)];
            Network = Network.Build(oneHot ? layers : [new EmbeddingSpec(5, Vocabulary), .. layers], oneHot ? new Shape(steps, Vocabulary) : new Shape(steps));
            _parameters = new FloatBuffer(Network.Layout.Length);
            var random = new Random(2);
            foreach (var parameter in Network.Layout.Parameters)
                Minibatch.Numbers(random, (int)parameter.Length, parameter.IsBias ? 0.1f : 2).CopyTo(_parameters.Slice(parameter.Offset, (int)parameter.Length));
            Replica = new Replica(Network, new LossSpec(LossKind.SoftmaxCrossEntropy), [], 1, _crew);
            Replica.UseParameters(_parameters.Pointer, 0);
        }

        public Network Network { get; }

        public Replica Replica { get; }

        public float[] Predict(List<int> tokens)
        {
            float[] inputs = Network.Input.Rank == 1 ? [.. tokens.Select(token => (float)token)] : [.. tokens.SelectMany(token => Enumerable.Range(0, Vocabulary).Select(k => k == token ? 1f : 0f))];
            float[] outputs = new float[Network.Output.Length];
            fixed (float* input = inputs, output = outputs)
                Replica.Predict(new Batch { Inputs = input, Count = 1 }, output);
            return outputs;
        }

        public void Dispose()
        {
            Replica.Dispose();
            _parameters.Dispose();
            _crew.Dispose();
        }
    }
}
