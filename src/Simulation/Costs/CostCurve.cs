namespace Lockstep.Simulation.Costs;

/// <summary>A cost that was measured at some sizes. Between two of them it is a straight line, beyond the last one the line through the last two goes on.</summary>
public sealed class CostCurve
{
    private readonly (double Size, double Seconds)[] _points;

    /// <param name="points">Sizes, rising, with what they cost in seconds. A lone one is taken to be in proportion.</param>
    /// <exception cref="ArgumentException">There is none, or they do not rise.</exception>
    public CostCurve(params IEnumerable<(double Size, double Seconds)> points)
    {
        _points = [.. points];
        if (_points.Length == 0)
            throw new ArgumentException("A cost is measured at one size at least.", nameof(points));
        if (_points.Zip(_points.Skip(1)).Any(pair => pair.First.Size >= pair.Second.Size))
            throw new ArgumentException("Sizes rise.", nameof(points));
    }

    /// <summary>The same cost at every size.</summary>
    public static CostCurve Constant(double seconds) => new((0, seconds), (1, seconds));

    /// <summary>So much for each.</summary>
    public static CostCurve Proportional(double secondsEach) => new((0, 0), (1, secondsEach));

    /// <summary>The cost of a size, in seconds; never below 0.</summary>
    public double At(double size)
    {
        if (_points.Length == 1)
            return _points[0].Seconds * size / _points[0].Size;
        int right = 1;
        while (right < _points.Length - 1 && _points[right].Size < size)
            right++;
        (double fromSize, double from) = _points[right - 1];
        (double toSize, double to) = _points[right];
        // Noise may make more cost less; a line that falls is not gone on with.
        if (size > toSize && to < from)
            return to * size / toSize;
        return Math.Max(0, from + ((to - from) * (size - fromSize) / (toSize - fromSize)));
    }
}
