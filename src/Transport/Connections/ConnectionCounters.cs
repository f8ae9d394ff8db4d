namespace Lockstep.Transport.Connections;

/// <summary>
/// What a connection has done so far; may be read at any time from any thread. Each number has one writing thread, so
/// none is locked; two of them read together may be of slightly different moments.
/// </summary>
public sealed class ConnectionCounters
{
    private long _framesSent, _bytesSent, _framesDropped;
    private long _framesReceived, _bytesReceived, _framesDiscarded, _damaged, _refused;

    /// <summary>Data frames given whole to the operating system.</summary>
    public long FramesSent => Volatile.Read(ref _framesSent);

    /// <summary>Bytes of all frames with their headers.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    /// <summary>Queued data frames that were not sent.</summary>
    public long FramesDropped => Interlocked.Read(ref _framesDropped);

    /// <summary>Data frames received whole and undamaged, with those discarded.</summary>
    public long FramesReceived => Volatile.Read(ref _framesReceived);

    /// <summary>Bytes of all frames with their headers.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Data frames that the handler did not want.</summary>
    public long FramesDiscarded => Volatile.Read(ref _framesDiscarded);

    /// <summary>Headers and payloads that did not match their checksum; at most 1, since the connection ends then.</summary>
    public long Damaged => Volatile.Read(ref _damaged);

    /// <summary>Frames that broke the rules; at most 1, since the connection ends then.</summary>
    public long Refused => Volatile.Read(ref _refused);

    internal void CountSent(long bytes) => Volatile.Write(ref _bytesSent, _bytesSent + bytes);

    internal void CountFrameSent() => Volatile.Write(ref _framesSent, _framesSent + 1);

    internal void CountDropped() => Interlocked.Increment(ref _framesDropped);

    internal void CountReceived(long bytes) => Volatile.Write(ref _bytesReceived, _bytesReceived + bytes);

    internal void CountFrameReceived() => Volatile.Write(ref _framesReceived, _framesReceived + 1);

    internal void CountDiscarded() => Volatile.Write(ref _framesDiscarded, _framesDiscarded + 1);

    internal void CountDamaged() => Volatile.Write(ref _damaged, _damaged + 1);

    internal void CountRefused() => Volatile.Write(ref _refused, _refused + 1);
}
