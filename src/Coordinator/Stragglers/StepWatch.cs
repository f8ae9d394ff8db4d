namespace Lockstep.Coordinator.Stragglers;

/// <summary>
/// How long the present step has been open, as whoever looks again and again sees it. Where this process itself stood still between two looks, its
/// workers' answers lie unread: that time speaks against nobody and does not count.
/// </summary>
public sealed class StepWatch
{
    /// <summary>Time between two looks counts up to this much.</summary>
    public static readonly TimeSpan MostBetweenLooks = TimeSpan.FromSeconds(0.2);

    private TimeSpan _last;

    /// <summary>How long it has been open at the latest look.</summary>
    public TimeSpan Open { get; private set; }

    /// <summary>A step begins, or its work is given out anew.</summary>
    /// <param name="now">On a clock that only goes forward.</param>
    public void Begin(TimeSpan now) => (Open, _last) = (TimeSpan.Zero, now);

    /// <summary>Looks at the clock.</summary>
    /// <returns><see cref="Open"/>.</returns>
    public TimeSpan Look(TimeSpan now)
    {
        TimeSpan passed = now - _last;
        _last = now;
        return Open += passed < MostBetweenLooks ? passed : MostBetweenLooks;
    }
}
