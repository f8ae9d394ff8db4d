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

    /// <summary>Size asked for each socket buffer of a connection to another host, in bytes; default 4 MB. The system may give less.</summary>
    public int SocketBuffer { get; init; } = 4_000_000;

    /// <summary>The same within a host, where nothing is on its way for long: what waits in a socket should still be in a cache when it is read; default 1 MB.</summary>
    public int LocalSocketBuffer { get; init; } = 1_000_000;

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
        ArgumentOutOfRangeException.ThrowIfLessThan(SocketBuffer, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LocalSocketBuffer, 1);
    }
}
