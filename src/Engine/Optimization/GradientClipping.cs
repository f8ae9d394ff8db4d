using System.Numerics;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>Clipping by global norm (Pascanu et al. 2013, algorithm 1) or by value.</summary>
internal static unsafe class GradientClipping
{
    // PyTorch's clip_grad_norm_ divides by the norm plus this.
    private const double NormOffset = 1e-6;

    /// <summary>Says what must be done with a gradient whose squares, summed by block, are these.</summary>
    public static ClipDecision Decide(ClipSpec? clip, ReadOnlySpan<double> squaresByBlock)
    {
        double norm = squaresByBlock.IsEmpty ? 0 : Math.Sqrt(BalancedSum.Of(squaresByBlock));
        return clip is GlobalNormClip global
            ? new ClipDecision(norm, (float)Math.Min(1, global.Limit / (norm + NormOffset)), float.PositiveInfinity)
            : DecideBlockwise(clip) with { Norm = norm };
    }

    /// <summary>The decision where it does not depend on the norm, which it then lacks.</summary>
    public static ClipDecision DecideBlockwise(ClipSpec? clip) => clip switch
    {
        ValueClip value => new ClipDecision(0, 1, value.Limit),
        null => new ClipDecision(0, 1, float.PositiveInfinity),
        _ => throw new NotSupportedException($"There is no clipping by {clip.GetType().Name} block by block."),
    };

    /// <summary>Scales and cuts whole cache lines of a gradient.</summary>
    public static void Apply(ClipDecision clip, float* gradient, int count)
    {
        var scale = new Vector<float>(clip.Scale);
        var limit = new Vector<float>(clip.Limit);
        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> g = Vector.Load(gradient + i) * scale;
            g = Vector.ConditionalSelect(Vector.GreaterThan(g, limit), limit, g);
            g = Vector.ConditionalSelect(Vector.LessThan(g, -limit), -limit, g);
            Vector.Store(g, gradient + i);
        }
    }
}
