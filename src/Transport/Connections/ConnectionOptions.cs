namespace Lockstep.Transport.Connections;

/// <summary>The limits of a connection. Both sides of a plane should use the same.</summary>
public sealed record ConnectionOptions
{
    /// <summary>Longest payload of a data frame, in bytes; default 1 MiB.</summary>
    public int MaximumPayload { get; init; } = 1 << 20;

    /// <summary>Data frames that the peer may send before credit is returned; default 64.</summary>
    public int CreditWindow { get; init; } = 64;

    /// <summary>Data frames that may wait to be sent; default 256.</summary>
    public int QueueCapacity { get; init; } = 256;

    /// <summary>Default 1 s.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A peer that is not heard for so long is given up; default 3 s, at least twice the ping interval.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A peer that takes no byte for so long is given up; default 10 s.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Size asked for the buffer of what a connection within a host has sent and the peer has not read, in bytes; default 1 MB. Nothing is on its way for long there, and what waits
    /// should still be in a cache when it is read. To another host the system sizes it as it measures the way.
    /// </summary>
    public int LocalSocketBuffer { get; init; } = 1_000_000;

    /// <summary>
    /// Size asked for TCP's receive buffer, in bytes; null, the default, leaves it to the system. One whose size was asked for does not grow: many small frames, each of which takes
    /// a piece of the system's memory far larger than itself, fill it before the window that was granted for it is used up. What is sent into the rest of that window is thrown away,
    /// and comes again only after a time-out of TCP's.
    /// </summary>
    public int? TcpReceiveBuffer { get; init; }

    /// <summary>Only its timestamps are used, never its wall clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumPayload, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(CreditWindow, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CreditWindow, CreditLedger.MaximumWindow);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PingInterval, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(SilenceLimit, 2 * PingInterval);
        ArgumentOutOfRangeException.ThrowIfLessThan(SendTimeout, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(LocalSocketBuffer, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TcpReceiveBuffer ?? 1, 1, nameof(TcpReceiveBuffer));
    }
}
