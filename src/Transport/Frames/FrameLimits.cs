namespace Lockstep.Transport.Frames;

/// <summary>
/// The longest payload that is taken, in bytes, by what the frame is for. A negative limit refuses the frames
/// altogether, so the same decoder serves the handshake, where no data may come, and the connection after it.
/// </summary>
public readonly record struct FrameLimits(int Data, int Control, int Handshake)
{
    /// <summary>A refused frame type.</summary>
    public const int Never = -1;

    /// <summary>The text of a <see cref="FrameType.Close"/>.</summary>
    public const int ControlPayload = 1024;

    /// <summary>Frames of an open connection.</summary>
    public static FrameLimits Open(int maximumPayload) => new(maximumPayload, ControlPayload, Never);

    /// <summary>Frames before the peer is known.</summary>
    public static FrameLimits HandshakeOnly(int maximumPayload) => new(Never, Never, maximumPayload);

    /// <summary>The limit for one type; <see cref="Never"/> for a type that is unknown.</summary>
    public int For(FrameType type) => type switch
    {
        FrameType.Data => Data,
        FrameType.Close => Control,
        FrameType.Ping or FrameType.Pong or FrameType.Credit => Math.Min(Control, 0),
        FrameType.Hello or FrameType.Challenge or FrameType.Proof or FrameType.Verdict => Handshake,
        _ => Never,
    };
}
