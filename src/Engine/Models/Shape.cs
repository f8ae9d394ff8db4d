namespace Lockstep.Engine.Models;

/// <summary>
/// The axes of one sample, such as [784] or [1, 28, 28]; the axis of samples (N) is left out, since it changes from
/// pass to pass.
/// </summary>
public sealed class Shape : IEquatable<Shape>
{
    private readonly int[] _axes;

    /// <param name="axes">The length of each axis, row-major: the last one is contiguous.</param>
    /// <exception cref="ArgumentException">An axis is shorter than 1, or a sample has 2^31 numbers or more.</exception>
    public Shape(params ReadOnlySpan<int> axes)
    {
        long length = 1;
        foreach (int axis in axes)
        {
            if (axis < 1)
                throw new ArgumentException($"An axis has at least 1 place, not {axis}.", nameof(axes));
            length *= axis;
            if (length > int.MaxValue)
                throw new ArgumentException("A sample has fewer than 2^31 numbers.", nameof(axes));
        }
        _axes = axes.ToArray();
        Length = (int)length;
    }

    /// <summary>How many axes; a single number has none.</summary>
    public int Rank => _axes.Length;

    /// <summary>How many numbers a sample has: the product of its axes.</summary>
    public int Length { get; }

    /// <summary>The lengths of all axes.</summary>
    public IReadOnlyList<int> Axes => _axes;

    /// <summary>The length of one axis.</summary>
    public int this[int axis] => _axes[axis];

    public bool Equals(Shape? other) => other is not null && _axes.AsSpan().SequenceEqual(other._axes);

    public override bool Equals(object? obj) => Equals(obj as Shape);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int axis in _axes)
            hash.Add(axis);
        return hash.ToHashCode();
    }

    public override string ToString() => $"[{string.Join(", ", _axes)}]";
}
