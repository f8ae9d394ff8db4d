using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers;

/// <summary>
/// Gradients against central differences of the naive float64 network: with a step of 1e-5 and numbers about 1 they are
/// within h² of the third derivative and 2^-52/h of rounding, so 1e-10, and what is left is the engine's float32.
/// Every number here is a chain of a few dozen roundings of 6e-8 each, so 1e-5 of the largest is generous and yet far
/// below what a wrong formula gives.
/// </summary>
public sealed class FiniteDifferenceTests
{
    private const double Step = 1e-5;
    private const int Samples = 5;
    private const int Inputs = 6;

    public static TheoryData<string, LayerSpec[]> Networks() => new()
    {
        { "dense", [new DenseSpec(4)] },
        { "dense without bias", [new DenseSpec(4, Bias: false)] },
        { "relu", [new DenseSpec(7), new ActivationSpec(ActivationKind.Relu), new DenseSpec(4)] },
        { "sigmoid", [new DenseSpec(7), new ActivationSpec(ActivationKind.Sigmoid), new DenseSpec(4)] },
        { "tanh", [new DenseSpec(7), new ActivationSpec(ActivationKind.Tanh), new DenseSpec(4)] },
        { "leaky relu", [new DenseSpec(7), new LeakyReluSpec(0.1f), new DenseSpec(4)] },
        { "softmax", [new DenseSpec(7), new SoftmaxSpec(), new DenseSpec(4)] },
        { "softmax last", [new DenseSpec(4), new SoftmaxSpec()] },
        { "softmax first", [new SoftmaxSpec(), new DenseSpec(4)] },
        { "identity", [new DenseSpec(7), new ActivationSpec(ActivationKind.Identity), new DenseSpec(4)] },
        { "activation last", [new DenseSpec(4), new ActivationSpec(ActivationKind.Tanh)] },
        { "activation first", [new ActivationSpec(ActivationKind.Sigmoid), new DenseSpec(4)] },
        { "flatten first", [new FlattenSpec(), new DenseSpec(4)] },
        { "flatten last", [new DenseSpec(4), new ActivationSpec(ActivationKind.Identity), new FlattenSpec()] },
        { "deep", [new DenseSpec(8), new ActivationSpec(ActivationKind.Relu), new DenseSpec(7), new ActivationSpec(ActivationKind.Tanh), new DenseSpec(6), new ActivationSpec(ActivationKind.Sigmoid), new DenseSpec(4)] },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_of_a_loss_on_values_are_the_differences(string name, LayerSpec[] layers) => Check(name, layers, LossKind.L2);

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_of_a_loss_on_classes_are_the_differences(string name, LayerSpec[] layers) => Check(name, layers, LossKind.SoftmaxCrossEntropy);

    // Between the kinks of l1, both hinges and the perceptron, which 60 random numbers do not come within a step of.
    [Theory]
    [InlineData(LossKind.L1)]
    [InlineData(LossKind.Hinge)]
    [InlineData(LossKind.MulticlassHinge)]
    [InlineData(LossKind.Perceptron)]
    [InlineData(LossKind.BinaryCrossEntropy)]
    public void Gradients_of_every_other_loss_are_the_differences(LossKind kind) =>
        Check($"{kind}", [new DenseSpec(7), new ActivationSpec(ActivationKind.Tanh), new DenseSpec(4)], kind);

    [Fact]
    public void Gradients_of_a_loss_on_probabilities_are_the_differences()
    {
        Check("sigmoid", [new DenseSpec(4), new ActivationSpec(ActivationKind.Sigmoid)], LossKind.BinaryCrossEntropyOnProbabilities);
        Check("softmax", [new DenseSpec(4), new SoftmaxSpec()], LossKind.BinaryCrossEntropyOnProbabilities);
    }

    internal static void Check(string name, LayerSpec[] layers, LossKind kind, Shape? input = null)
    {
        Network network = Network.Build(layers, input ?? new Shape(Inputs));
        int length = network.Input.Length;
        var random = new Random(name.Length + 17);
        float[] inputs = Minibatch.Numbers(random, Samples * length);
        float[] targets = [.. Minibatch.Numbers(random, Samples * network.Output.Length).Select(t => kind switch
        {
            LossKind.Hinge or LossKind.Perceptron => t < 0 ? -1 : 1,
            LossKind.BinaryCrossEntropy or LossKind.BinaryCrossEntropyOnProbabilities => (t + 1) / 2,
            _ => t,
        })];
        int[] classes = [.. Enumerable.Range(0, Samples).Select(_ => random.Next(network.Output.Length))];
        using var minibatch = new LossSpec(kind).TakesClasses ? new Minibatch(Samples, inputs, classes: classes) : new Minibatch(Samples, inputs, values: targets);
        using var trainer = new Trainer(network, new LossSpec(kind, LossReduction.Sum), new UpdateSpec(new SgdSpec { LearningRate = 1 }), Samples);
        foreach (var parameter in network.Layout.Parameters)
            Minibatch.Numbers(random, (int)parameter.Length).CopyTo(trainer.OfParameter(trainer.Parameters, parameter.Name));
        using var inputGradient = new FloatBuffer(Samples * length);
        float[] gradient = trainer.Train(minibatch, 2, [.. SumTree.Decompose(0, 2)], inputGradient);

        var naive = new NaiveNetwork(layers, network);
        double[] parameters = [.. trainer.Parameters.Span.ToArray().Select(p => (double)p)];
        double[] data = [.. inputs.Select(x => (double)x)];
        double Loss()
        {
            double sum = 0;
            for (int i = 0; i < Samples; i++)
            {
                double[] x = data[(i * length)..((i + 1) * length)];
                double[] t = [.. targets[(i * network.Output.Length)..((i + 1) * network.Output.Length)].Select(v => (double)v)];
                sum += naive.Loss(kind, parameters, x, t, classes[i]);
            }
            return sum;
        }

        Assert.Equal(Loss(), trainer.Sums[StepSums.Loss], 1e-5 * Math.Max(1, Loss()));
        if (network.Layout.Parameters.Count > 0)
            RequireDifferences(Loss, parameters, gradient, $"{name}, parameters");
        RequireDifferences(Loss, data, inputGradient.Span.ToArray(), $"{name}, inputs");
    }

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
