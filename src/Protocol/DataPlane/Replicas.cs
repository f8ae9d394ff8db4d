using System.Buffers.Binary;
using Lockstep.Protocol.Identities;
using MessagePack;

namespace Lockstep.Protocol.DataPlane;

/// <summary>Which file of a run is sent to a standby. Values are on the wire: they are never reused; a standby never sees a name or a path.</summary>
public enum ReplicaFileKind
{
    /// <summary>A checkpoint's account of itself, with the hashes of its other files.</summary>
    State = 0,

    Model = 1,
    Optimizer = 2,
    Carried = 3,
    Job = 4,
    Statistics = 5,
    Vocabulary = 6,

    /// <summary>The run's metrics, which only grow: what was added since the checkpoint before.</summary>
    Metrics = 7,
}

/// <summary>A file that follows an offer.</summary>
/// <param name="Kind">Which.</param>
/// <param name="From">The first byte that is sent: 0 but of the metrics.</param>
/// <param name="To">The byte after the last one.</param>
[MessagePackObject]
public sealed record ReplicaFile([property: Key(0)] ReplicaFileKind Kind, [property: Key(1)] long From, [property: Key(2)] long To);

/// <summary>Announces a checkpoint: its files follow in this order, chunk by chunk.</summary>
[MessagePackObject]
public sealed record ReplicaOffer([property: Key(0)] long Step, [property: Key(1)] ReplicaFile[] Files);

/// <summary>Says where the bytes of a chunk belong.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term.</param>
/// <param name="Step">The checkpoint's step.</param>
/// <param name="File">Place of the file in the offer.</param>
/// <param name="Offset">Place of the first byte in the file.</param>
public readonly record struct ReplicaChunkKey(RunId Run, long Term, long Step, int File, long Offset)
{
    /// <summary>Bytes of the encoded key.</summary>
    public const int Size = 32;

    /// <summary>Writes the key, little-endian: run, term (4 bytes), step, file, offset.</summary>
    public void Write(Span<byte> header)
    {
        new VersionKey(Run, Term, Step).Write(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], File);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], Offset);
    }

    /// <summary>Reads a key as it stands; whether it makes sense is for the receiver to judge.</summary>
    public static ReplicaChunkKey Read(ReadOnlySpan<byte> header)
    {
        VersionKey version = VersionKey.Read(header);
        return new ReplicaChunkKey(
            version.Run, version.Term, version.Version, BinaryPrimitives.ReadInt32LittleEndian(header[20..]), BinaryPrimitives.ReadInt64LittleEndian(header[24..]));
    }
}
