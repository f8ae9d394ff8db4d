namespace Lockstep.Transport.Connections;

/// <summary>What ended a connection.</summary>
public enum CloseKind
{
    /// <summary>This side closed it.</summary>
    Local,

    /// <summary>The peer said goodbye.</summary>
    PeerClosed,

    /// <summary>The connection broke, or ended without a goodbye: the peer's process or the network is gone.</summary>
    Reset,

    /// <summary>Nothing was heard for the silence limit.</summary>
    Silent,

    /// <summary>The peer took no byte for the send timeout, though it was heard.</summary>
    Stuck,

    /// <summary>A header or payload did not match its checksum.</summary>
    Damaged,

    /// <summary>The peer broke the rules: wrong type, too long, more than its credit, or what the handler refused.</summary>
    Refused,

    /// <summary>The handler or a send observer of this side threw; <see cref="CloseReason.Cause"/> has it.</summary>
    HandlerFailed,
}

/// <summary>Why a connection ended, in a sentence that names the peer.</summary>
/// <param name="Kind">For decisions.</param>
/// <param name="Peer">Who was at the other end.</param>
/// <param name="Text">For people.</param>
/// <param name="Cause">What was thrown, if anything was.</param>
public sealed record CloseReason(CloseKind Kind, string Peer, string Text, Exception? Cause = null)
{
    public override string ToString() => $"{Peer}: {Text}";
}
