using System.Buffers.Binary;
using Lockstep.Protocol.Identities;

namespace Lockstep.Protocol.DataPlane;

/// <summary>Names a version of the parameters without carrying any of it.</summary>
public readonly record struct VersionKey(RunId Run, long Term, long Version)
{
    /// <summary>Bytes of the encoded key.</summary>
    public const int Size = 20;

    /// <summary>Writes the key, little-endian: run, term (4 bytes), version.</summary>
    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, Run.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], checked((uint)Term));
        BinaryPrimitives.WriteInt64LittleEndian(header[12..], Version);
    }

    public static VersionKey Read(ReadOnlySpan<byte> header) => new(
        new RunId(BinaryPrimitives.ReadUInt64LittleEndian(header)),
        BinaryPrimitives.ReadUInt32LittleEndian(header[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(header[12..]));
}
