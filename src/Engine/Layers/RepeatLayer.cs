using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>One to many: x [N, D] → y [N, T, D], the value at every step, or at the first and +0 after it.</summary>
/// <remarks>∂L/∂x is that of the first step, or the sum over the steps in order.</remarks>
public sealed unsafe class RepeatLayer : Layer
{
    private readonly RepeatSpec _spec;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">How many steps, and what stands there.</param>
    /// <param name="input">[D].</param>
    /// <exception cref="ShapeException">The input has other axes, or there would be no step.</exception>
    public RepeatLayer(int index, RepeatSpec spec, Shape input)
        : base(index, spec.Name, "repeat", input, OutputOf(index, spec, input))
    {
        _spec = spec;
    }

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        int features = Input[0];
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            var value = new ReadOnlySpan<float>(input + ((long)sample * features), features);
            var steps = new Span<float>(output + ((long)sample * Output.Length), Output.Length);
            steps.Clear();
            int filled = _spec.Fill == RepeatFill.Value ? _spec.Steps : 1;
            for (int step = 0; step < filled; step++)
                value.CopyTo(steps[(step * features)..]);
        }
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        if (inputGradient is null)
            return;
        int features = Input[0];
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            float* sum = inputGradient + ((long)sample * features);
            float* steps = outputGradient + ((long)sample * Output.Length);
            new ReadOnlySpan<float>(steps, features).CopyTo(new Span<float>(sum, features));
            if (_spec.Fill == RepeatFill.Zeros)
                continue;
            for (int step = 1; step < _spec.Steps; step++)
                VectorMath.Add(sum, steps + ((long)step * features), features);
        }
    }

    private static Shape OutputOf(int index, RepeatSpec spec, Shape input)
    {
        string layer = $"{spec.Name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture)} (repeat)";
        if (input.Rank != 1)
            throw new ShapeException(layer, "number of axes", "1: [D]", $"{input.Rank} ({input})", "Put a flatten layer before it.");
        if (spec.Steps < 1)
            throw new ShapeException(layer, "axis 0 of its output", "at least 1 step", $"{spec.Steps}", "Give it steps.");
        return new Shape(spec.Steps, input[0]);
    }
}
