namespace Lockstep.Transport.Frames;

/// <summary>What the 64 bytes before a payload say.</summary>
/// <param name="Type">What the frame is for.</param>
/// <param name="Kind">The application's own word for the payload; the transport does not read it.</param>
/// <param name="PayloadLength">Bytes that follow the header.</param>
/// <param name="PayloadChecksum"><see cref="Checksum.Of"/> the payload.</param>
/// <param name="Application">The application's own bytes.</param>
public readonly record struct FrameHeader(
    FrameType Type, ushort Kind, int PayloadLength, ulong PayloadChecksum, ApplicationHeader Application);
