namespace Lockstep.Transport.Frames;

/// <summary>What a frame is for. The numbers are on the wire: never reused.</summary>
public enum FrameType : ushort
{
    /// <summary>A payload of the application; the only type that consumes credit.</summary>
    Data = 1,

    /// <summary>Asks for a <see cref="Pong"/> with the same application header.</summary>
    Ping = 2,

    /// <summary>Echoes a <see cref="Ping"/>.</summary>
    Pong = 3,

    /// <summary>Lets the peer send more data frames.</summary>
    Credit = 4,

    /// <summary>The last frame of a connection that ends in order; the payload says why, as UTF-8 text.</summary>
    Close = 5,

    /// <summary>Handshake, client to server: versions, build, nonce and the application's hello.</summary>
    Hello = 16,

    /// <summary>Handshake, server to client: its nonce.</summary>
    Challenge = 17,

    /// <summary>Handshake, client to server: proof that it knows the join token.</summary>
    Proof = 18,

    /// <summary>Handshake, server to client: welcome with the server's own proof, or a refusal.</summary>
    Verdict = 19,
}
