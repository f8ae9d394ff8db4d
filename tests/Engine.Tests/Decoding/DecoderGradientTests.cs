using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Decoding;

/// <summary>Outputs, losses and gradients of encoders and decoders against a float64 network and its central differences.</summary>
public sealed class DecoderGradientTests
{
    private const double Step = 1e-5;
    private const int Samples = 5;

    private static readonly LayerSpec[] Words = [new EmbeddingSpec(3, 6)];

    public static TheoryData<string> Cases() => [.. Networks.Keys];

    // The encoder, the decoder, the network's input; values where the decoder reads values.
    private static readonly Dictionary<string, (LayerSpec[] Specs, Shape Input, bool Masked)> Networks = new()
    {
        ["lstm to lstm, tokens"] = ([new EmbeddingSpec(4, 7), new LstmSpec(5), Tokens(), .. Words, new LstmSpec(5), new DenseSpec(6)], new Shape(5), false),
        ["lstm to lstm, tokens, masked source"] = ([new EmbeddingSpec(4, 7), new LstmSpec(5), Tokens(), .. Words, new LstmSpec(5), new DenseSpec(6)], new Shape(5), true),
        ["lstm to lstm, tokens, free"] = ([new EmbeddingSpec(4, 7), new LstmSpec(5), Tokens(false), .. Words, new LstmSpec(5), new DenseSpec(6)], new Shape(5), true),
        ["gru to wider gru, two levels to three"] = ([new GruSpec(4, 2), Reads(3), new GruSpec(5, 3), new DenseSpec(3)], new Shape(4, 2), true),
        ["gru to wider gru, free"] = ([new GruSpec(4, 2), Reads(3, false), new GruSpec(5, 3), new DenseSpec(3)], new Shape(4, 2), true),
        ["three levels to one"] = ([new RnnSpec(4, 3), Reads(3, false), new RnnSpec(4), new ActivationSpec(ActivationKind.Identity), new DenseSpec(3)], new Shape(4, 2), false),
        ["one level to three of the same width"] = ([new LstmSpec(4), Reads(3, false), new LstmSpec(4, 3), new DenseSpec(3)], new Shape(4, 2), true),
        ["gru to lstm"] = ([new GruSpec(4), Reads(3), new LstmSpec(3), new DenseSpec(3)], new Shape(4, 2), false),
        ["lstm to gru, free"] = ([new LstmSpec(4), Reads(3, false), new GruSpec(3), new DenseSpec(3), new ActivationSpec(ActivationKind.Tanh)], new Shape(4, 2), false),
        ["features to lstm"] = ([new DenseSpec(4), new ActivationSpec(ActivationKind.Tanh), Tokens(), .. Words, new LstmSpec(4), new DenseSpec(6)], new Shape(7), false),
        ["features to a wider lstm of two levels, free"] = ([new DenseSpec(4), new ActivationSpec(ActivationKind.Tanh), Reads(3, false), new LstmSpec(5, 2), new DenseSpec(3)], new Shape(7), false),
        ["raw features to gru"] = ([new ActivationSpec(ActivationKind.Identity), Reads(2), new GruSpec(4), new DenseSpec(3)], new Shape(7), false),
        ["last step to rnn"] = ([new GruSpec(4), new LastStepSpec(), Reads(3, false), new RnnSpec(5), new DenseSpec(3)], new Shape(4, 2), true),
        ["feedback alone"] = ([Reads(3, false), new RnnSpec(4), new DenseSpec(3)], new Shape(3), false),
        ["feedback alone, deep"] = ([Reads(3, false), new DenseSpec(4), new ActivationSpec(ActivationKind.Tanh), new LstmSpec(4), new GruSpec(3), new SoftmaxSpec(), new DenseSpec(3)], new Shape(3), false),
        ["no encoder, forced"] = ([Reads(3), new LstmSpec(4), new DenseSpec(2)], new Shape(3), false),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_and_gradients_are_those_of_the_definitions(string name)
    {
        (LayerSpec[] specs, Shape input, bool masked) = Networks[name];
        bool tokens = specs.OfType<BridgeSpec>().Single().DecoderInput.Rank == 1, forced = specs.OfType<BridgeSpec>().Single().TeacherForcing;
        var loss = new LossSpec(tokens ? LossKind.SoftmaxCrossEntropy : LossKind.L2, LossReduction.Sum);
        using var decoder = new DecoderCase(specs, input, loss, Samples, name.Length);
        int steps = decoder.Network.Output[0], width = decoder.Network.Output[1];
        if (masked)
            decoder.InputMask = DecoderCase.Lengths(Samples, input[0]);
        decoder.TargetMask = DecoderCase.Lengths(Samples, steps);
        (float[] gradient, double[] sums, float[] inputGradient) = decoder.Train(2, [.. SumTree.Decompose(0, 2)]);

        var naive = new NaiveEncoderDecoder(specs, decoder.Network);
        double[] parameters = [.. decoder.Parameters.Span.ToArray().Select(p => (double)p)], inputs = [.. decoder.Inputs.Select(x => (double)x)];
        double[] teacher = [.. decoder.Teacher!.Select(x => (double)x)];
        double[][] Outputs(int sample) => naive.Run(
            parameters, Row(inputs, sample), decoder.InputMask is { } mask ? Row(mask, sample) : null, Row(teacher, sample), forced);
        double Loss()
        {
            double sum = 0;
            for (int sample = 0; sample < Samples; sample++)
            {
                double[][] outputs = Outputs(sample);
                for (int step = 0; step < steps; step++)
                {
                    int row = (sample * steps) + step;
                    if (decoder.TargetMask[row] == 0)
                        continue;
                    double[] y = outputs[step];
                    sum += tokens
                        ? Math.Log(y.Sum(v => Math.Exp(v - y[decoder.Classes![row]])))
                        : y.Select((v, i) => 0.5 * (v - decoder.Values![(row * width) + i]) * (v - decoder.Values[(row * width) + i])).Sum();
                }
            }
            return sum;
        }

        float[] found = decoder.Predict();
        double[] expected = [.. Enumerable.Range(0, Samples).SelectMany(sample => Outputs(sample).SelectMany(y => y))];
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal(Loss(), sums[StepSums.Loss], 1e-5 * Math.Max(1, Loss()));
        RequireDifferences(Loss, parameters, gradient, $"{name}, parameters");
        if (specs[0] is not EmbeddingSpec)
            RequireDifferences(Loss, inputs, inputGradient, $"{name}, inputs");
    }

    private static BridgeSpec Tokens(bool teacherForcing = true) => new(new Shape(4), teacherForcing);

    private static BridgeSpec Reads(int width, bool teacherForcing = true) => new(new Shape(4, width), teacherForcing);

    private static T[] Row<T>(T[] all, int sample) => all[(sample * (all.Length / Samples))..((sample + 1) * (all.Length / Samples))];

    private static void RequireDifferences(Func<double> loss, double[] variables, float[] gradient, string what)
    {
        double[] differences = new double[variables.Length];
        for (int i = 0; i < variables.Length; i++)
        {
            double kept = variables[i];
            variables[i] = kept + Step;
            double above = loss();
            variables[i] = kept - Step;
            differences[i] = (above - loss()) / (2 * Step);
            variables[i] = kept;
        }
        double largest = differences.Max(Math.Abs);
        Assert.True(largest > 1e-3, $"{what}: nothing to compare");
        for (int i = 0; i < variables.Length; i++)
            Assert.True(Math.Abs(differences[i] - gradient[i]) <= 1e-5 * largest, $"{what}, number {i}: difference {differences[i]}, gradient {gradient[i]}");
    }
}
