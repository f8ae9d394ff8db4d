namespace Lockstep.Coordinator.Views;

/// <summary>
/// How fast a worker computes, in leaves a second: an exponentially weighted mean over its steps, so that one slow step
/// changes little and a lasting change is noticed within about ten.
/// </summary>
public sealed class SpeedEstimate
{
    private const double Weight = 0.1;

    /// <summary>Leaves a second; null before the first measurement.</summary>
    public double? LeavesPerSecond { get; private set; }

    /// <summary>Adds one step's measurement; one that gives no positive, finite speed says nothing.</summary>
    public void Add(int leaves, double seconds)
    {
        double speed = leaves / seconds;
        if (leaves <= 0 || !(speed > 0) || !double.IsFinite(speed))
            return;
        LeavesPerSecond = LeavesPerSecond is { } known ? known + (Weight * (speed - known)) : speed;
    }
}
