using Lockstep.Engine.Memory;

namespace Lockstep.Benchmarks.Steps;

/// <summary>The memory of one dense layer and of the activation after it.</summary>
internal sealed class DenseBuffers(int samples, int inputs, int units) : IDisposable
{
    public int Inputs => inputs;

    public int Units => units;

    /// <summary>Of one product over all samples.</summary>
    public double Flops => 2.0 * samples * inputs * units;

    public FloatBuffer Weight { get; } = new((long)units * inputs);

    public FloatBuffer Bias { get; } = new(units);

    public FloatBuffer Output { get; } = new((long)samples * units);

    public FloatBuffer Activation { get; } = new((long)samples * units);

    public FloatBuffer OutputGradient { get; } = new((long)samples * units);

    public FloatBuffer ActivationGradient { get; } = new((long)samples * units);

    public FloatBuffer WeightGradient { get; } = new((long)units * inputs);

    public FloatBuffer BiasGradient { get; } = new(units);

    /// <summary>Numbers of both signs and of the size that weights have, so that about half of the activations are zero.</summary>
    public void FillWeights()
    {
        uint random = 1;
        foreach (ref float weight in Weight.Span)
        {
            random = (random * 1_664_525) + 1_013_904_223;
            weight = (((random >> 8) / (float)(1 << 24)) - 0.5f) * 2 / MathF.Sqrt(inputs);
        }
    }

    public void Dispose()
    {
        FloatBuffer[] buffers = [Weight, Bias, Output, Activation, OutputGradient, ActivationGradient, WeightGradient, BiasGradient];
        foreach (FloatBuffer buffer in buffers)
            buffer.Dispose();
    }

    public override string ToString() => $"{inputs}→{units}";
}
