using System.IO.Hashing;

namespace Lockstep.Transport.Frames;

/// <summary>
/// XXH3, 64 bits, seed 0 (Collet, https://xxhash.com): against damage, not against forgers. It runs at memory speed
/// where a CRC of the same width does not.
/// </summary>
public static class Checksum
{
    /// <summary>The checksum of the bytes; of none it is 0x2d06800538d394c2.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes);
}
