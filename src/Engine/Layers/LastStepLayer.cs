using Lockstep.Engine.Models;

namespace Lockstep.Engine.Layers;

/// <summary>Many to one: x [N, T, D] → y [N, D], each sample's last step that its mask has; the last of all where it has none.</summary>
public sealed unsafe class LastStepLayer : Layer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="name">Its own name, or null to go by its index.</param>
    /// <param name="input">[T, D].</param>
    /// <exception cref="ShapeException">The input has other axes.</exception>
    public LastStepLayer(int index, string? name, Shape input)
        : base(index, name, "lastStep", input, OutputOf(index, name, input))
    {
    }

    private int Features => Input[1];

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        for (int sample = 0; sample < pass.Samples; sample++)
            new ReadOnlySpan<float>(input + (RowOf(pass, sample) * Features), Features).CopyTo(new Span<float>(output + ((long)sample * Features), Features));
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        if (inputGradient is null)
            return;
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            new Span<float>(inputGradient + ((long)sample * Input.Length), Input.Length).Clear();
            new ReadOnlySpan<float>(outputGradient + ((long)sample * Features), Features).CopyTo(new Span<float>(inputGradient + (RowOf(pass, sample) * Features), Features));
        }
    }

    private long RowOf(Pass pass, int sample)
    {
        int steps = Input[0];
        float* mask = FollowsInput && pass.InputMask is not null ? pass.InputMask + ((long)sample * steps) : null;
        int last = steps - 1;
        while (mask is not null && last > 0 && mask[last] == 0)
            last--;
        if (mask is not null && mask[last] == 0)
            last = steps - 1;
        return ((long)sample * steps) + last;
    }

    private static Shape OutputOf(int index, string? name, Shape input)
    {
        if (input.Rank != 2)
            throw new ShapeException($"{name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture)} (lastStep)", "number of axes", "2: [T, D]", $"{input.Rank} ({input})", "Give it a sequence.");
        return new Shape(input[1]);
    }
}
