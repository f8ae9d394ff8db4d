namespace Lockstep.Engine.Models;

/// <summary>Two shapes that must agree do not.</summary>
public sealed class ShapeException : Exception
{
    /// <param name="layer">Where: the layer's name and kind, such as <c>2 (dense)</c>.</param>
    /// <param name="axis">Which axis, from 0, or what else of the shape: <c>number of axes</c>.</param>
    /// <param name="expected">What it takes.</param>
    /// <param name="found">What came.</param>
    /// <param name="mend">What to do about it, a sentence.</param>
    public ShapeException(string layer, string axis, string expected, string found, string mend)
        : base($"Layer {layer}, {axis}: expected {expected}, found {found}. {mend}")
    {
        Layer = layer;
        Axis = axis;
        Expected = expected;
        Found = found;
    }

    /// <summary>The layer's name and kind.</summary>
    public string Layer { get; }

    /// <summary>Which axis, from 0, or what else of the shape.</summary>
    public string Axis { get; }

    /// <summary>What it takes.</summary>
    public string Expected { get; }

    /// <summary>What came.</summary>
    public string Found { get; }
}
