using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

public sealed unsafe class DiagnosticTests
{
    private static readonly LossSpec Loss = new(LossKind.SoftmaxCrossEntropy);

    [Fact]
    public void Dead_units_and_zero_outputs_are_counted_over_the_minibatch_whoever_computes_it()
    {
        const int samples = 13;
        Network network = Network.Build([new DenseSpec(20), new ActivationSpec(ActivationKind.Relu), new DenseSpec(5), new LeakyReluSpec(0.1f), new DenseSpec(4)], new Shape(6));
        using var minibatch = Minibatch.Random(3, samples, 6, classes: 4);
        using var parameters = Initial(network);
        // Units 0 to 2 are dead: nothing comes in and the bias is below zero.
        for (int unit = 0; unit < 3; unit++)
        {
            parameters.Slice(unit * 6, 6).Clear();
            parameters.Span[(int)network.Layout["0.bias"].Offset + unit] = -1;
        }
        float[] hidden = LayerOutputs.Of(network, 1, parameters, minibatch);
        float[] leaky = LayerOutputs.Of(network, 3, parameters, minibatch);
        (string, double)[] expected =
        [
            ("deadRelus/1/zeroOutputs", hidden.Count(y => y <= 0) / (samples * 20.0)), ("deadRelus/1/deadUnits", Dead(hidden, 20) / 20.0),
            ("deadRelus/3/zeroOutputs", leaky.Count(y => y <= 0) / (samples * 5.0)), ("deadRelus/3/deadUnits", Dead(leaky, 5) / 5.0),
        ];
        Assert.InRange(expected[1].Item2, 0.15, 0.9);
        foreach (TreeNode[] nodes in new TreeNode[][] { [SumTree.Root(4)], [new(0, 2), new(2, 1), new(3, 1)] })
        {
            (_, _, IReadOnlyList<(string Name, double Value)> values) = Run(network, parameters, minibatch, [DiagnosticKind.DeadRelus], nodes);
            RequireValues(expected, values);
        }
    }

    [Fact]
    public void A_channel_of_an_image_is_a_unit()
    {
        Network network = Network.Build([new ActivationSpec(ActivationKind.Relu), new FlattenSpec(), new DenseSpec(4)], new Shape(3, 2, 2));
        float[] x = new float[2 * 12];
        x[0] = 1;           // channel 0, sample 0
        x[12 + 11] = 1;     // channel 2, sample 1
        using var minibatch = new Minibatch(2, x, classes: [0, 1]);
        using FloatBuffer parameters = Initial(network);
        (_, _, IReadOnlyList<(string Name, double Value)> values) = Run(network, parameters, minibatch, [DiagnosticKind.DeadRelus], [SumTree.Root(2)]);
        RequireValues([("deadRelus/0/zeroOutputs", 22.0 / 24), ("deadRelus/0/deadUnits", 1.0 / 3)], values);
    }

    /// <summary>What comes back one step further is multiplied by Uᵀ and 1 − h² once more: with a loss on the last step alone that is all there is.</summary>
    [Fact]
    public void The_gradient_by_time_is_that_of_the_chain_of_steps()
    {
        const int steps = 6, units = 4, samples = 5;
        Network network = Network.Build([new RnnSpec(units), new LastStepSpec(), new DenseSpec(3)], new Shape(steps, 2));
        using var minibatch = Minibatch.Random(3, samples, steps * 2, classes: 3);
        using FloatBuffer parameters = Initial(network);
        (_, _, IReadOnlyList<(string Name, double Value)> values) = Run(network, parameters, minibatch, [DiagnosticKind.GradientByTime], [SumTree.Root(2)]);
        Assert.Equal(Enumerable.Range(0, steps).Select(back => $"gradientByTime/0/{back}"), values.Select(value => value.Name));

        float[] h = LayerOutputs.Of(network, 0, parameters, minibatch);
        float[] y = LayerOutputs.Of(network, 2, parameters, minibatch);
        ReadOnlySpan<float> hidden = OfParameter(network, parameters, "0.weight_hh_l0"), weight = OfParameter(network, parameters, "2.weight");
        double[] squares = new double[steps];
        for (int n = 0; n < samples; n++)
        {
            double sum = Enumerable.Range(0, 3).Sum(k => Math.Exp(y[(n * 3) + k]));
            double[] dh = new double[units];
            for (int u = 0; u < units; u++)
            {
                for (int k = 0; k < 3; k++)
                    dh[u] += ((Math.Exp(y[(n * 3) + k]) / sum) - (k == minibatch.ClassOf(n) ? 1 : 0)) * weight[(k * units) + u];
            }
            for (int back = 0; back < steps; back++)
            {
                squares[back] += dh.Sum(d => d * d);
                double[] before = new double[units];
                for (int u = 0; u < units; u++)
                {
                    double at = h[(((n * steps) + steps - 1 - back) * units) + u];
                    for (int v = 0; v < units; v++)
                        before[v] += dh[u] * (1 - (at * at)) * hidden[(u * units) + v];
                }
                dh = before;
            }
        }
        for (int back = 0; back < steps; back++)
            Assert.Equal(Math.Sqrt(squares[back]) / samples, values[back].Value, 1e-6);
        Assert.True(values[5].Value < values[0].Value);
    }

    [Fact]
    public void Asking_changes_no_bit_of_gradient_loss_and_metrics()
    {
        Network network = Network.Build([new GruSpec(5), new ActivationSpec(ActivationKind.Relu), new LastStepSpec(), new DenseSpec(4)], new Shape(4, 3));
        using var minibatch = Minibatch.Random(3, 11, 12, classes: 4);
        using FloatBuffer parameters = Initial(network);
        (float[] asked, double[] sums, IReadOnlyList<(string, double)> values) = Run(network, parameters, minibatch, [DiagnosticKind.DeadRelus, DiagnosticKind.GradientByTime], [SumTree.Root(4)]);
        (float[] silent, double[] plain, IReadOnlyList<(string, double)> none) = Run(network, parameters, minibatch, [], [SumTree.Root(4)]);
        Assert.Equal(silent, asked);
        Assert.Equal(plain, sums[..plain.Length]);
        Assert.Empty(none);
        Assert.Equal(2 + 4, values.Count);
        Assert.All(values.Where(value => !value.Item1.EndsWith("deadUnits", StringComparison.Ordinal)), value => Assert.True(value.Item2 > 0, value.Item1));
    }

    [Fact]
    public void Steps_that_do_not_ask_bring_nothing()
    {
        Network network = Network.Build([new ActivationSpec(ActivationKind.Relu), new DenseSpec(4)], new Shape(6));
        using var minibatch = Minibatch.Random(3, 8, 6, classes: 4);
        using FloatBuffer parameters = Initial(network);
        using var crew = new ComputeCrew(1);
        using var replica = new Replica(network, Loss, [], 8, crew, new DiagnosticSlots(network, [DiagnosticKind.DeadRelus]));
        replica.UseParameters(parameters.Pointer, 0);
        using var gradient = new FloatBuffer(network.Layout.Length);
        foreach (bool asks in new[] { true, false, true })
        {
            var order = new List<string>();
            var sink = new SinkRecord { OnBucket = _ => order.Add("bucket"), OnSums = _ => order.Add("sums") };
            replica.Diagnoses = asks;
            replica.Train([SumTree.Root(2)], 2, 8, minibatch.All(), [(nint)gradient.Pointer], sink, CancellationToken.None);
            Assert.Equal(asks, sink.Sums[0][replica.Sums.FirstDiagnostic..].Any(value => value != 0));
            Assert.Equal(asks ? "sums" : "bucket", order[^1]);
        }
        var evaluated = new SinkRecord();
        replica.Evaluate([SumTree.Root(2)], 2, 8, minibatch.All(), evaluated, CancellationToken.None);
        Assert.All(evaluated.Sums[0][replica.Sums.FirstDiagnostic..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void More_places_than_a_message_holds_are_refused() => Assert.Contains(
        "65537 places",
        Assert.Throws<ArgumentException>(() => new DiagnosticSlots(Network.Build([new ActivationSpec(ActivationKind.Relu)], new Shape(DiagnosticSlots.Maximum)), [DiagnosticKind.DeadRelus])).Message);

    [Fact]
    public void Norms_by_layer_are_those_of_what_trains()
    {
        Network network = Network.Build([new DenseSpec(300), new BatchNormSpec(), new DenseSpec(5) { Frozen = true }, new DenseSpec(4, Bias: false) { Name = "last" }], new Shape(600));
        using FloatBuffer parameters = Initial(network);
        using var zero = new FloatBuffer(network.Layout.Length);
        var norms = new LayerNorms(network);
        Assert.Equal(["0", "1", "last"], norms.Layers);
        double[] squares = new double[3], distances = new double[3];
        foreach (ParameterBlock block in network.Layout.Blocks)
        {
            norms.AddSquares(block, parameters.Pointer + block.Offset, squares);
            norms.AddSquaredDistances(block, parameters.Pointer + block.Offset, zero.Pointer + block.Offset, distances);
        }
        double[] expected =
        [
            .. norms.Layers.Select(layer => network.Layout.Trained.Where(parameter => parameter.Name.StartsWith(layer + ".", StringComparison.Ordinal))
                .Sum(parameter => parameters.Slice(parameter.Offset, (int)parameter.Length).ToArray().Sum(w => (double)w * w))),
        ];
        Assert.True(network.Layout.Blocks.Count > 3);
        Assert.Equal(expected, squares, (e, f) => Math.Abs(e - f) < 1e-9 * e);
        Assert.Equal(expected, distances, (e, f) => Math.Abs(e - f) < 1e-9 * e);
    }

    private static (float[] Gradient, double[] Sums, IReadOnlyList<(string Name, double Value)> Values) Run(
        Network network, FloatBuffer parameters, Minibatch minibatch, DiagnosticKind[] kinds, TreeNode[] nodes)
    {
        int shards = nodes[^1].End;
        using var crew = new ComputeCrew(2);
        using var replica = new Replica(network, Loss, [MetricKind.Accuracy], minibatch.Samples, crew, new DiagnosticSlots(network, kinds)) { Diagnoses = true };
        replica.UseParameters(parameters.Pointer, 0);
        FloatBuffer[] gradients = [.. nodes.Select(_ => new FloatBuffer(network.Layout.Length))];
        var sink = new SinkRecord();
        replica.Train(nodes, shards, minibatch.Samples, minibatch.Of(shards, nodes), [.. gradients.Select(gradient => (nint)gradient.Pointer)], sink, CancellationToken.None);
        float[][] parts = [.. gradients.Select(gradient => gradient.Span.ToArray())];
        foreach (FloatBuffer gradient in gradients)
            gradient.Dispose();
        (float[] sum, double[] sums) = Trainer.Add(SumTree.Root(shards), nodes, parts, [.. sink.Sums.Values]);
        return (sum, sums, replica.Sums.DiagnosticValues(sums));
    }

    private static void RequireValues((string Name, double Value)[] expected, IReadOnlyList<(string Name, double Value)> found)
    {
        Assert.Equal(expected.Select(value => value.Name), found.Select(value => value.Name));
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i].Value, found[i].Value, 1e-12);
    }

    private static FloatBuffer Initial(Network network)
    {
        var parameters = new FloatBuffer(network.Layout.Length);
        network.Initialize(parameters.Pointer, 5);
        return parameters;
    }

    private static ReadOnlySpan<float> OfParameter(Network network, FloatBuffer parameters, string name) =>
        parameters.Slice(network.Layout[name].Offset, (int)network.Layout[name].Length);

    private static int Dead(float[] outputs, int units) => Enumerable.Range(0, units).Count(unit => Enumerable.Range(0, outputs.Length / units).All(n => outputs[(n * units) + unit] <= 0));
}
