using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Layers;

/// <summary>The same networks and losses in float64, written as their definitions say, a sample at a time.</summary>
internal sealed class NaiveNetwork(IReadOnlyList<LayerSpec> layers, Network network)
{
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="input">One sample.</param>
    public double[] Output(double[] parameters, double[] input)
    {
        double[] x = input;
        for (int i = 0; i < layers.Count; i++)
        {
            x = layers[i] switch
            {
                DenseSpec dense => Dense(dense, i, parameters, x),
                ActivationSpec { Kind: ActivationKind.Relu } => [.. x.Select(v => v > 0 ? v : 0)],
                ActivationSpec { Kind: ActivationKind.Sigmoid } => [.. x.Select(v => 1 / (1 + Math.Exp(-v)))],
                ActivationSpec { Kind: ActivationKind.Tanh } => [.. x.Select(Math.Tanh)],
                LeakyReluSpec leaky => [.. x.Select(v => v > 0 ? v : leaky.Slope * v)],
                SoftmaxSpec => Softmax(x),
                _ => NaiveImageLayer.Output(layers[i], network.Layers[i].Input, network.Layers[i].Output, [.. network.ParametersOf(i).Select(view => view.Offset)], parameters, x) ?? x,
            };
        }
        return x;
    }

    /// <param name="kind">Which loss.</param>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="input">One sample.</param>
    /// <param name="values">Its target values.</param>
    /// <param name="target">Its class.</param>
    public double Loss(LossKind kind, double[] parameters, double[] input, double[] values, int target)
    {
        double[] y = Output(parameters, input);
        return kind switch
        {
            LossKind.SoftmaxCrossEntropy => Math.Log(y.Sum(v => Math.Exp(v - y[target]))),
            LossKind.MulticlassHinge => y.Where((_, j) => j != target).Sum(v => Math.Max(0, 1 + v - y[target])),
            _ => y.Zip(values, (v, t) => Term(kind, v, t)).Sum(),
        };
    }

    private static double Term(LossKind kind, double y, double t) => kind switch
    {
        LossKind.L1 => Math.Abs(y - t),
        LossKind.L2 => 0.5 * (y - t) * (y - t),
        LossKind.Hinge => Math.Max(0, 1 - (t * y)),
        LossKind.Perceptron => Math.Max(0, -t * y),
        LossKind.BinaryCrossEntropy => (-t * Math.Log(1 / (1 + Math.Exp(-y)))) - ((1 - t) * Math.Log(1 - (1 / (1 + Math.Exp(-y))))),
        LossKind.BinaryCrossEntropyOnProbabilities => (-t * Math.Log(y)) - ((1 - t) * Math.Log(1 - y)),
        _ => throw new NotSupportedException($"{kind}"),
    };

    private static double[] Softmax(double[] x)
    {
        double sum = x.Sum(Math.Exp);
        return [.. x.Select(v => Math.Exp(v) / sum)];
    }

    private double[] Dense(DenseSpec dense, int layer, double[] parameters, double[] x)
    {
        long weight = network.ParametersOf(layer)[0].Offset;
        double[] y = new double[dense.Units];
        for (int o = 0; o < dense.Units; o++)
        {
            y[o] = dense.Bias ? parameters[network.ParametersOf(layer)[1].Offset + o] : 0;
            for (int j = 0; j < x.Length; j++)
                y[o] += parameters[weight + (o * x.Length) + j] * x[j];
        }
        return y;
    }
}
