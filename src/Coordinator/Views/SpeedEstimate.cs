namespace Lockstep.Coordinator.Views;

/// <summary>
/// How fast a worker computes, in leaves a second: all its leaves over all its time, older steps weighing less. It is the
/// time that counts and not the number of steps, so neither one odd step nor a hundred short ones in a moment change much.
/// </summary>
public sealed class SpeedEstimate
{
    /// <summary>So many seconds of computing ago, a step weighs about a third: long enough for other programs' bursts to even out.</summary>
    public const double MemorySeconds = 3;

    private double _leaves;
    private double _seconds;

    /// <summary>Leaves a second; null before the first measurement.</summary>
    public double? LeavesPerSecond => _seconds > 0 ? _leaves / _seconds : null;

    /// <summary>Adds one step's measurement; one that gives no positive, finite speed says nothing.</summary>
    public void Add(int leaves, double seconds)
    {
        double speed = leaves / seconds;
        if (leaves <= 0 || !(speed > 0) || !double.IsFinite(speed))
            return;
        double kept = MemorySeconds / (MemorySeconds + seconds);
        _leaves = (_leaves * kept) + leaves;
        _seconds = (_seconds * kept) + seconds;
    }
}
