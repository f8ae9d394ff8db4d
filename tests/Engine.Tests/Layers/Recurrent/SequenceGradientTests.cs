using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers.Recurrent;

/// <summary>
/// Results and gradients of sequence layers against the naive float64 ones and their central differences, by the bounds that FiniteDifferenceTests gives the
/// reasons for.
/// </summary>
public sealed class SequenceGradientTests
{
    private const double Step = 1e-5;
    private const int Samples = 3;
    private const int Steps = 5;
    private const int Features = 4;
    private const int Vocabulary = 6;

    public static TheoryData<string, string> Cells()
    {
        var cases = new TheoryData<string, string>();
        foreach (string cell in SequenceCases.Cells)
        {
            foreach (string what in new[] { "whole", "masked", "window", "masked window" })
                cases.Add(cell, what);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Gradients_of_a_recurrent_cell_are_the_differences(string cell, string what)
    {
        SequenceWindow? window = what.Contains("window", StringComparison.Ordinal) ? new SequenceWindow(7, 4, 2, 3, StateSource.Start) : null;
        Check(what, [SequenceCases.Cell(cell, 3, levels: 2)], new Shape(Steps, Features), what.Contains("masked", StringComparison.Ordinal), window);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_state_is_carried_on_after_any_number_of_steps(int carryAt)
    {
        foreach (string cell in SequenceCases.Cells)
            Check(cell, [SequenceCases.Cell(cell, 3, levels: 2)], new Shape(Steps, Features), true, new SequenceWindow(0, 4, 0, carryAt, StateSource.Start));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_through_layers_over_sequences_are_the_differences(bool masked)
    {
        Check("many to one", [new GruSpec(5), new LastStepSpec(), new DenseSpec(3)], new Shape(Steps, Features), masked);
        Check("one to many, value", [new DenseSpec(4), new RepeatSpec(4), new LstmSpec(3), new DenseSpec(2)], new Shape(Features), false);
        Check("one to many, zeros", [new RepeatSpec(4, RepeatFill.Zeros), new RnnSpec(3), new DenseSpec(2)], new Shape(Features), false);
        Check("embedding", [new EmbeddingSpec(4, Vocabulary), new LstmSpec(3), new DenseSpec(2)], new Shape(Steps), masked);
        Check("last of an embedding", [new EmbeddingSpec(4, Vocabulary), new LastStepSpec()], new Shape(Steps), masked);
    }

    private static void Check(string name, LayerSpec[] specs, Shape input, bool masked, SequenceWindow? window = null)
    {
        Network network = Network.Build(specs, input, window is null ? 0 : Samples);
        var random = new Random(name.Length + 31);
        bool isTokens = specs[0] is EmbeddingSpec, isSequence = input.Rank == 2 || isTokens;
        int steps = window?.Steps ?? (isSequence ? input[0] : 1), width = isTokens ? 1 : input[input.Rank - 1];
        int outputSteps = network.Output.Rank == 2 ? window?.Steps ?? network.Output[0] : 1, outputWidth = network.Output[network.Output.Rank - 1];
        float[] inputs = isTokens ? [.. Enumerable.Range(0, Samples * steps).Select(_ => (float)random.Next(Vocabulary - 1))] : Minibatch.Numbers(random, Samples * steps * width);
        float[] targets = Minibatch.Numbers(random, Samples * outputSteps * outputWidth);
        float[] states = Minibatch.Numbers(random, Samples * network.StateWidth);
        // The first sample has all, the second lacks steps at both ends, the third has none.
        float[]? mask = masked ? [.. Enumerable.Range(0, Samples).SelectMany(n => Enumerable.Range(0, steps).Select(t => n == 0 || (n == 1 && t > 0 && t != 2 && t < steps - 1) ? 1f : 0f))] : null;
        using var minibatch = new Minibatch(Samples, inputs, targets) { InitialStates = states, InputMask = mask, Window = window };
        using var trainer = new Trainer(network, new LossSpec(LossKind.L2, LossReduction.Sum), new UpdateSpec(new SgdSpec { LearningRate = 1 }), Samples);
        foreach (ParameterView parameter in network.Layout.Trained)
            Minibatch.Numbers(random, (int)parameter.Length).CopyTo(trainer.OfParameter(trainer.Parameters, parameter.Name));
        using var inputGradient = new FloatBuffer(inputs.Length);
        using var stateGradient = new FloatBuffer(states.Length);
        float[] gradient = trainer.Train(minibatch, 2, [.. SumTree.Decompose(0, 2)], inputGradient, stateGradient);

        var naive = new NaiveSequence(specs, network);
        double[] parameters = Doubles(trainer.Parameters.Span.ToArray()), data = Doubles(inputs), initial = Doubles(states);
        double[] carried = new double[states.Length];
        double Loss()
        {
            double sum = 0;
            for (int n = 0; n < Samples; n++)
            {
                double[][] x = [.. Enumerable.Range(0, steps).Select(t => data[(((n * steps) + t) * width)..(((n * steps) + t + 1) * width)])];
                double[] after = new double[network.StateWidth];
                double[][] y = naive.Run(
                    parameters, x, mask?[(n * steps)..((n + 1) * steps)], initial[(n * network.StateWidth)..((n + 1) * network.StateWidth)], window?.CarryAt ?? 0, after);
                after.CopyTo(carried, n * network.StateWidth);
                for (int t = window?.LossFrom ?? 0; t < outputSteps; t++)
                {
                    for (int j = 0; j < outputWidth; j++)
                        sum += 0.5 * Math.Pow(y[t][j] - targets[(((n * outputSteps) + t) * outputWidth) + j], 2);
                }
            }
            return sum;
        }

        double loss = Loss();
        Assert.Equal(loss, trainer.Sums[StepSums.Loss], 1e-5 * Math.Max(1, loss));
        RequireCarried(network, gradient, carried);
        int[] trained = [.. network.Layout.Trained.SelectMany(view => Enumerable.Range((int)view.Offset, (int)view.Length))];
        RequireDifferences(Loss, parameters, gradient, trained, $"{name}, parameters");
        if (!isTokens)
            RequireDifferences(Loss, data, inputGradient.Span.ToArray(), [.. Enumerable.Range(0, inputs.Length)], $"{name}, inputs");
        if (states.Length > 0)
            RequireDifferences(Loss, initial, stateGradient.Span.ToArray(), [.. Enumerable.Range(0, states.Length)], $"{name}, states");
    }

    private static void RequireCarried(Network network, float[] gradient, double[] carried)
    {
        int at = 0;
        foreach (ParameterView view in network.Layout.Of(ParameterRole.CarriedState))
        {
            int width = view.Shape[1];
            for (int n = 0; n < Samples; n++)
            {
                for (int u = 0; u < width; u++)
                    Assert.Equal(carried[(n * network.StateWidth) + at + u], gradient[view.Offset + (n * width) + u], 1e-5);
            }
            at += width;
        }
    }

    private static double[] Doubles(float[] numbers) => [.. numbers.Select(number => (double)number)];

    private static void RequireDifferences(Func<double> loss, double[] variables, float[] gradient, int[] which, string what)
    {
        double[] differences = new double[variables.Length];
        foreach (int i in which)
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
        foreach (int i in which)
            Assert.True(Math.Abs(differences[i] - gradient[i]) <= 1e-5 * largest, $"{what}, number {i}: difference {differences[i]}, gradient {gradient[i]}");
    }
}
