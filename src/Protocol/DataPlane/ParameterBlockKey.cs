using System.Buffers.Binary;
using Lockstep.Protocol.Identities;

namespace Lockstep.Protocol.DataPlane;

/// <summary>Says which block of which version of the parameters a frame carries, and which view holds for its step.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term.</param>
/// <param name="Version">How many steps these parameters have had: they are for the step of that number.</param>
/// <param name="Block">Index of the block.</param>
/// <param name="View">A worker that lacks this view waits for it before it computes the step.</param>
public readonly record struct ParameterBlockKey(RunId Run, long Term, long Version, int Block, int View)
{
    /// <summary>Bytes of the encoded key.</summary>
    public const int Size = 28;

    /// <summary>Writes the key, little-endian: run, term (4 bytes), version, block, view.</summary>
    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, Run.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], checked((uint)Term));
        BinaryPrimitives.WriteInt64LittleEndian(header[12..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], Block);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], View);
    }

    public static ParameterBlockKey Read(ReadOnlySpan<byte> header) => new(
        new RunId(BinaryPrimitives.ReadUInt64LittleEndian(header)),
        BinaryPrimitives.ReadUInt32LittleEndian(header[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(header[12..]),
        BinaryPrimitives.ReadInt32LittleEndian(header[20..]),
        BinaryPrimitives.ReadInt32LittleEndian(header[24..]));
}
