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
                _ => x,
            };
        }
        return x;
    }

    public double SoftmaxCrossEntropy(double[] parameters, double[] input, int target)
    {
        double[] y = Output(parameters, input);
        return Math.Log(y.Sum(v => Math.Exp(v - y[target])));
    }

    public double L2(double[] parameters, double[] input, double[] target) =>
        Output(parameters, input).Zip(target, (y, t) => 0.5 * (y - t) * (y - t)).Sum();

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
