using System.Buffers.Binary;
using Lockstep.Protocol.Identities;

namespace Lockstep.Protocol.DataPlane;

/// <summary>
/// Says whose part of which sum a contribution is. The same key always means the same bits, whoever computed them.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term that the worker works for.</param>
/// <param name="Step">The step, which is also the version of the parameters that were used.</param>
/// <param name="Channel">The block of the gradient, or one of the channels of sums after them.</param>
/// <param name="FirstLeaf">First leaf of the node.</param>
/// <param name="Leaves">How many leaves the node has.</param>
public readonly record struct ContributionKey(RunId Run, long Term, long Step, int Channel, int FirstLeaf, int Leaves)
{
    /// <summary>Bytes of the encoded key.</summary>
    public const int Size = 32;

    /// <summary>Writes the key, little-endian: run, term (4 bytes), step, channel, first leaf, leaves.</summary>
    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, Run.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], checked((uint)Term));
        BinaryPrimitives.WriteInt64LittleEndian(header[12..], Step);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], Channel);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], FirstLeaf);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], Leaves);
    }

    /// <summary>Reads a key as it stands; whether it makes sense is for the ledger to judge.</summary>
    public static ContributionKey Read(ReadOnlySpan<byte> header) => new(
        new RunId(BinaryPrimitives.ReadUInt64LittleEndian(header)),
        BinaryPrimitives.ReadUInt32LittleEndian(header[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(header[12..]),
        BinaryPrimitives.ReadInt32LittleEndian(header[20..]),
        BinaryPrimitives.ReadInt32LittleEndian(header[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(header[28..]));
}
