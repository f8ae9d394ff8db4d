namespace Lockstep.Simulation.Timing;

/// <summary>
/// One direction of a machine's link: frames go over it one after the other in the order in which they come, which shares it fairly among connections,
/// since each of them brings one frame at a time.
/// </summary>
/// <param name="bytesPerSecond">Infinite where numbers do not move.</param>
/// <param name="activity">What its time is put down to.</param>
internal sealed class Link(double bytesPerSecond, Activity activity)
{
    private Moment _free;

    /// <summary>Bytes that it has carried.</summary>
    public long Bytes { get; private set; }

    /// <summary>Carries a frame whose first byte is there now.</summary>
    /// <returns>When the first and the last byte are on the way.</returns>
    public (Moment First, Moment Last) Carry(in Moment ready, long bytes)
    {
        Moment first = Moment.WhenFree(ready, _free, activity);
        _free = first.After(bytes / bytesPerSecond, activity);
        Bytes += bytes;
        return (first, _free);
    }
}
