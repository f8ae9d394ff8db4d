namespace Lockstep.Transport.Connections;

/// <summary>A moment by which something must be over, from now on.</summary>
internal sealed class Deadline(TimeProvider time, TimeSpan patience)
{
    private readonly long _begun = time.GetTimestamp();

    /// <summary>The whole time that was given.</summary>
    public TimeSpan Patience => patience;

    /// <summary>What is left, in whole milliseconds; 0 once it is over.</summary>
    public int RemainingMilliseconds
    {
        get
        {
            TimeSpan left = patience - time.GetElapsedTime(_begun);
            return left > TimeSpan.Zero ? (int)Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 1, int.MaxValue) : 0;
        }
    }
}
