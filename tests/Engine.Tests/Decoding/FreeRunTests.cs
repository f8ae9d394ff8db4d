using Lockstep.Engine.Layers;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Decoding;

/// <summary>Decoders that read their own output when nobody teaches them, and how exactly they are right.</summary>
public sealed class FreeRunTests
{
    private const int Samples = 8;
    private const int Steps = 5;

    [Fact]
    public void A_decoder_reads_the_token_that_it_gave()
    {
        using DecoderCase decoder = Translator();
        (float[] outputs, int[] tokens) = decoder.Decode();
        for (int row = 0; row < Samples * Steps; row++)
            Assert.Equal(Enumerable.Range(0, 6).MaxBy(k => outputs[(row * 6) + k]), tokens[row]);
        var naive = new NaiveEncoderDecoder(decoder.Specs, decoder.Network);
        double[] parameters = [.. decoder.Parameters.Span.ToArray().Select(p => (double)p)];
        for (int sample = 0; sample < Samples; sample++)
        {
            double[][] expected = naive.Run(
                parameters, [.. decoder.Inputs[(sample * 4)..((sample + 1) * 4)].Select(x => (double)x)], null, [.. decoder.Teacher![(sample * Steps)..((sample + 1) * Steps)].Select(x => (double)x)], forced: false);
            Assert.All(expected.SelectMany(y => y).Zip(outputs[(sample * Steps * 6)..]), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
        Assert.True(tokens.Distinct().Count() > 2);
    }

    [Fact]
    public void Without_a_teacher_sequences_begin_with_the_token_that_is_given()
    {
        using DecoderCase decoder = Translator();
        decoder.Teacher = [.. Enumerable.Repeat(4f, Samples * Steps)];
        Assert.Equal(decoder.Decode().Tokens, decoder.Decode(withTeacher: false, begin: 4).Tokens);
        Assert.NotEqual(decoder.Decode().Outputs, decoder.Decode(withTeacher: false, begin: 1).Outputs);
    }

    [Fact]
    public void Draws_are_a_function_of_the_seed()
    {
        using DecoderCase decoder = Translator();
        int[] first = decoder.Decode(new TokenSampler(7)).Tokens;
        Assert.Equal(first, decoder.Decode(new TokenSampler(7)).Tokens);
        Assert.NotEqual(first, decoder.Decode(new TokenSampler(8)).Tokens);
        Assert.NotEqual(first, decoder.Decode().Tokens);
        // As the temperature falls to zero only the largest is left.
        Assert.Equal(decoder.Decode().Tokens, decoder.Decode(new TokenSampler(7, 1e-6)).Tokens);
    }

    [Fact]
    public unsafe void Draws_have_the_probabilities_of_the_softmax()
    {
        float[] outputs = [0.5f, -1, 2, 0];
        double[] weights = [.. outputs.Select(y => Math.Exp(y / 0.8))];
        var sampler = new TokenSampler(3, 0.8);
        int[] counts = new int[4], ofProbabilities = new int[4];
        float[] probabilities = [.. outputs.Select(y => (float)(Math.Exp(y) / outputs.Sum(v => Math.Exp(v))))];
        var other = new TokenSampler(4, 0.8, ofProbabilities: true);
        const int Draws = 40_000;
        fixed (float* y = outputs, p = probabilities)
        {
            for (int draw = 0; draw < Draws; draw++)
            {
                counts[sampler.Draw(y, 4, draw % 100, draw / 100)]++;
                ofProbabilities[other.Draw(p, 4, draw % 100, draw / 100)]++;
            }
        }
        for (int k = 0; k < 4; k++)
        {
            // Five deviations of a binomial count at its widest: √(n/4).
            double expected = Draws * weights[k] / weights.Sum();
            Assert.InRange(counts[k], expected - 500, expected + 500);
            Assert.InRange(ofProbabilities[k], expected - 500, expected + 500);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_temperature_is_above_zero(double temperature) => Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(1, temperature));

    [Fact]
    public unsafe void Outputs_without_an_order_give_the_first_that_is_a_number()
    {
        float[] outputs = [float.NaN, 1, float.NaN, 1];
        fixed (float* y = outputs)
        {
            Assert.Equal(1, TokenSampler.Largest(y, 4));
            Assert.Contains(new TokenSampler(1).Draw(y, 4, 0, 0), new[] { 1, 3 });
            outputs[1] = outputs[3] = float.NaN;
            Assert.Equal(0, TokenSampler.Largest(y, 4));
            Assert.Equal(0, new TokenSampler(1).Draw(y, 4, 0, 0));
        }
    }

    [Fact]
    public void Exact_match_is_of_the_greedy_decoder_and_the_rest_of_the_taught_one()
    {
        using DecoderCase decoder = Translator();
        int[] greedy = decoder.Decode().Tokens;
        decoder.Classes = [.. greedy];
        decoder.TargetMask = [.. Enumerable.Repeat(1f, Samples * Steps)];
        // Sample 1 differs at its last step, sample 2 only at one that does not count, and of sample 3 no step counts.
        decoder.Classes[(1 * Steps) + 4] = (greedy[(1 * Steps) + 4] + 1) % 6;
        decoder.Classes[(2 * Steps) + 3] = (greedy[(2 * Steps) + 3] + 1) % 6;
        decoder.TargetMask[(2 * Steps) + 3] = 0;
        decoder.TargetMask.AsSpan(3 * Steps, Steps).Clear();
        double loss = decoder.Evaluate(4, [SumTree.Root(4)]).Single().Value;
        foreach (TreeNode[] nodes in new TreeNode[][] { [SumTree.Root(4)], [new(0, 2), new(2, 1), new(3, 1)] })
        {
            IReadOnlyList<(string Name, double Value)> values = decoder.Evaluate(4, nodes, MetricKind.Accuracy, MetricKind.ExactMatch);
            Assert.Equal(6.0 / 7, values.Single(value => value.Name == "exactMatch").Value);
            Assert.Equal(loss, values[0].Value);
            // The teacher's tokens are random, so what is right of the taught decoder is less.
            Assert.InRange(values.Single(value => value.Name == "accuracy").Value, 0.05, 0.95);
        }
    }

    [Fact]
    public void Exact_match_without_a_decoder_is_that_every_step_is_right()
    {
        Network network = Network.Build([new DenseSpec(3)], new Shape(2, 3));
        using var minibatch = new Models.Minibatch(2, [1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1], classes: [0, 0]);
        using var trainer = new Models.Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 2, 1, MetricKind.ExactMatch);
        for (int i = 0; i < 3; i++)
            trainer.OfParameter(trainer.Parameters, "0.weight")[(i * 3) + i] = 1;
        trainer.Use();
        Assert.Equal(1, RatioOf([0, 1, 0, 2]));
        Assert.Equal(0.5, RatioOf([0, 1, 1, 2]));
        Assert.Equal(0, RatioOf([0, 2, 0, 0]));

        unsafe double RatioOf(int[] classes)
        {
            var sink = new Models.SinkRecord();
            fixed (int* targets = classes)
                trainer.Replica.Evaluate([SumTree.Root(1)], 1, 2, minibatch.All() with { Classes = targets }, sink, CancellationToken.None);
            return trainer.Replica.Sums.MetricValues(sink.Sums[0]).Single(value => value.Name == "exactMatch").Value;
        }
    }

    [Fact]
    public void A_teacher_is_needed_where_one_is_read()
    {
        using DecoderCase decoder = Translator();
        decoder.Teacher = null;
        Assert.Contains("has no teacher", Assert.Throws<ArgumentException>(() => decoder.Predict()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_decoder_cannot_be_is_said_when_it_is_built()
    {
        Shape input = new(4);
        Refused("the states of a recurrent layer, or features", [new EmbeddingSpec(3, 7), new BridgeSpec(new Shape(5)), new EmbeddingSpec(3, 6), new LstmSpec(4), new DenseSpec(6)]);
        Refused("a recurrent layer", [new DenseSpec(3), new BridgeSpec(new Shape(5)), new EmbeddingSpec(3, 6), new DenseSpec(6)]);
        Refused("goes step by step", [new DenseSpec(3), new BridgeSpec(new Shape(5)), new EmbeddingSpec(3, 6), new LstmSpec(4), new LastStepSpec()]);
        Refused("goes step by step", [new DenseSpec(3), new BridgeSpec(new Shape(5)), new EmbeddingSpec(3, 6), new LstmSpec(4), new FlattenSpec()]);
        Refused("since there is no encoder", [new BridgeSpec(new Shape(5, 3)), new LstmSpec(4), new DenseSpec(3)]);
        Refused("since it is the decoder's next input", [new DenseSpec(3), new BridgeSpec(new Shape(5, 3), false), new LstmSpec(4), new DenseSpec(2)]);
        Refused("at most 5, the rows of", [new DenseSpec(3), new BridgeSpec(new Shape(5), false), new EmbeddingSpec(3, 5), new LstmSpec(4), new DenseSpec(6)]);
        Assert.Contains("Leave truncatedBptt out", Assert.Throws<ShapeException>(
            () => Network.Build([new EmbeddingSpec(3, 7), new LstmSpec(4), new BridgeSpec(new Shape(5)), new EmbeddingSpec(3, 6), new LstmSpec(4), new DenseSpec(6)], input, lanes: 2)).Message, StringComparison.Ordinal);

        void Refused(string part, LayerSpec[] specs) => Assert.Contains(part, Assert.Throws<ShapeException>(() => Network.Build(specs, input)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bridge_has_a_map_only_where_widths_differ()
    {
        using DecoderCase same = Translator();
        Assert.DoesNotContain(same.Network.Layout.Parameters, parameter => parameter.Name.StartsWith("bridge", StringComparison.Ordinal));
        Network other = Network.Build([new GruSpec(4), new BridgeSpec(new Shape(5, 3)), new LstmSpec(6, 2), new DenseSpec(3)], new Shape(4, 2));
        Assert.Equal(
            ["bridge.h_l0.weight [6, 4]", "bridge.h_l0.bias [6]", "bridge.h_l1.weight [6, 4]", "bridge.h_l1.bias [6]"],
            other.ParametersOf(1).Select(parameter => $"{parameter.Name} [{string.Join(", ", parameter.Shape)}]"));
        Assert.IsType<BridgeLayer>(other.Layers[1]);
    }

    private static DecoderCase Translator()
    {
        LayerSpec[] specs = [new EmbeddingSpec(4, 7), new LstmSpec(9), new BridgeSpec(new Shape(Steps)), new EmbeddingSpec(4, 6), new LstmSpec(9), new DenseSpec(6)];
        return new DecoderCase(specs, new Shape(4), new LossSpec(LossKind.SoftmaxCrossEntropy), Samples, 11, scale: 2);
    }
}
