namespace Lockstep.Chaos.Driving;

/// <summary>When steps were seen to be decided, and how long the gaps between were.</summary>
public sealed class StepClock
{
    private readonly List<TimeSpan> _moments = [];

    /// <summary>At least one step was decided.</summary>
    public void Tick(TimeSpan at) => _moments.Add(at);

    /// <summary>
    /// The longest gap between two moments that begins in a stretch of time; that in which the stretch begins counts from there.
    /// </summary>
    /// <param name="from">Where the stretch begins.</param>
    /// <param name="to">Where it ends.</param>
    public TimeSpan LongestGap(TimeSpan from, TimeSpan to)
    {
        var longest = TimeSpan.Zero;
        for (int i = 0; i < _moments.Count; i++)
        {
            if (_moments[i] < from)
                continue;
            TimeSpan begins = i == 0 || _moments[i - 1] < from ? from : _moments[i - 1];
            if (begins > to)
                break;
            TimeSpan gap = _moments[i] - begins;
            longest = gap > longest ? gap : longest;
        }
        return longest;
    }
}
