namespace Lockstep.Transport.Frames;

/// <summary>Why a frame was not taken.</summary>
public enum FrameFault
{
    None = 0,

    /// <summary>The first bytes are not those of a frame: the peer speaks something else, or the stream lost its place.</summary>
    BadMagic = 1,

    /// <summary>A frame of another transport version.</summary>
    OtherVersion = 2,

    /// <summary>The header does not match its own checksum.</summary>
    HeaderChecksum = 3,

    /// <summary>A type that is unknown, or that has no place in this part of the conversation.</summary>
    UnexpectedType = 4,

    /// <summary>Flags that this version does not define.</summary>
    UnknownFlags = 5,

    /// <summary>The announced payload is longer than the limit for its type.</summary>
    TooLong = 6,

    /// <summary>The payload does not match the checksum in its header.</summary>
    PayloadChecksum = 7,

    /// <summary>The connection ended before the payload was whole.</summary>
    Cut = 8,
}
