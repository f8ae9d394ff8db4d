using System.Buffers.Binary;
using Lockstep.Protocol.Identities;

namespace Lockstep.Protocol.DataPlane;

/// <summary>Says that a worker is done with a version, and how fast it was.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term.</param>
/// <param name="Version">The version that it let go.</param>
/// <param name="Leaves">Leaves that it computed with that version; 0 where it computed none to the end.</param>
/// <param name="Microseconds">Time that these took.</param>
public readonly record struct ReleaseKey(RunId Run, long Term, long Version, int Leaves, int Microseconds)
{
    /// <summary>Bytes of the encoded key.</summary>
    public const int Size = 28;

    /// <summary>Writes the key, little-endian: run, term (4 bytes), version, leaves, microseconds.</summary>
    public void Write(Span<byte> header)
    {
        new VersionKey(Run, Term, Version).Write(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], Leaves);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], Microseconds);
    }

    public static ReleaseKey Read(ReadOnlySpan<byte> header)
    {
        VersionKey version = VersionKey.Read(header);
        return new ReleaseKey(
            version.Run,
            version.Term,
            version.Version,
            BinaryPrimitives.ReadInt32LittleEndian(header[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[24..]));
    }
}
