using Lockstep.Transport.Frames;

namespace Lockstep.Transport.Connections;

/// <summary>
/// What a connection's owner does with frames. <see cref="Land"/>, <see cref="Received"/> and <see cref="Abandoned"/> are
/// called on the connection's reader thread, which must be back at the socket at once: hand work on, never wait.
/// </summary>
public interface IFrameHandler
{
    /// <summary>Called once, before any frame; frames may be sent from here on.</summary>
    void Opened(DataConnection connection);

    /// <summary>Where the payload of a data frame shall go. Not asked when there is no payload.</summary>
    Landing Land(DataConnection connection, in FrameHeader header);

    /// <summary>
    /// The whole payload is in memory and matches its checksum. The frame's credit is the owner's to give back, by
    /// <see cref="DataConnection.ReturnCredit"/>, once the memory can take another.
    /// </summary>
    /// <param name="connection">Where it came from.</param>
    /// <param name="header">What came.</param>
    /// <param name="landed">The pointer that <see cref="Land"/> gave; 0 if there is no payload.</param>
    void Received(DataConnection connection, in FrameHeader header, nint landed);

    /// <summary>
    /// The memory given by <see cref="Land"/> is free again, with rubbish in it: the payload was damaged
    /// (<see cref="FrameFault.PayloadChecksum"/>) or is incomplete (<see cref="FrameFault.Cut"/>). <see cref="Closed"/> follows.
    /// </summary>
    void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault);

    /// <summary>Called once, as the last call of all: no memory of the owner is touched afterwards. Must not throw.</summary>
    void Closed(DataConnection connection, CloseReason reason);
}
