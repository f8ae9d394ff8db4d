using Lockstep.Transport.Frames;

namespace Lockstep.Transport.Connections;

/// <summary>What became of a queued frame.</summary>
public enum SendOutcome
{
    /// <summary>The operating system has taken all of it.</summary>
    Sent,

    /// <summary>It was taken back by <see cref="DataConnection.DropQueued"/>, or the connection ended first.</summary>
    Dropped,
}

/// <summary>What became of an attempt to queue a frame.</summary>
public enum QueueOutcome
{
    /// <summary>The observer will be called, once.</summary>
    Queued,

    /// <summary>The queue is full; the observer will not be called.</summary>
    Full,

    /// <summary>The connection is closed or closing; the observer will not be called.</summary>
    Closed,
}

/// <summary>Hears when the memory of a queued frame is free again.</summary>
public interface ISendObserver
{
    /// <summary>
    /// Called exactly once for each queued frame, on the connection's writer thread or on the thread that dropped it.
    /// Must be quick.
    /// </summary>
    void Completed(in OutgoingFrame frame, SendOutcome outcome);
}

/// <summary>A data frame to send. The payload is read in place: it must stay valid and unchanged until the observer is called.</summary>
public readonly unsafe struct OutgoingFrame
{
    /// <summary>The application's own word for the payload.</summary>
    public ushort Kind { get; init; }

    /// <summary>The application's own header bytes.</summary>
    public ApplicationHeader Application { get; init; }

    /// <summary>First byte of the payload; null only if <see cref="Length"/> is 0.</summary>
    public void* Payload { get; init; }

    /// <summary>Bytes of payload, up to the connection's maximum.</summary>
    public int Length { get; init; }

    /// <summary><see cref="Frames.Checksum.Of"/> the payload where it is known already, as for one block sent to many; else null.</summary>
    public ulong? Checksum { get; init; }

    /// <summary>
    /// Orders frames by age for <see cref="DataConnection.DropQueued"/>, as a step or version does; never travels. A frame of epoch
    /// <see cref="ulong.MaxValue"/> is never taken back.
    /// </summary>
    public ulong Epoch { get; init; }

    /// <summary>Whether the same thread queues another one at once: the writer is not woken for this one, so that it finds both and sends them together.</summary>
    public bool MoreFollow { get; init; }

    /// <summary>The observer's own note; never travels.</summary>
    public ulong State { get; init; }

    /// <summary>Told when the memory is free again; may be null.</summary>
    public ISendObserver? Observer { get; init; }
}
