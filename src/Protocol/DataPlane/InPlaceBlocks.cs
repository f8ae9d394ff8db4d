using System.Buffers.Binary;
using System.Globalization;

namespace Lockstep.Protocol.DataPlane;

/// <summary>Says in which of a worker's shared segments neighbouring blocks of its gradient lie: at their places in the layout.</summary>
/// <param name="Slot">Number of the segment among the worker's.</param>
/// <param name="Count">How many blocks, from the one on that the frame's key names.</param>
public readonly record struct InPlaceBlocks(int Slot, int Count)
{
    /// <summary>Bytes of the encoded description.</summary>
    public const int Size = 8;

    /// <summary>Writes it, little-endian: slot, count.</summary>
    public void Write(Span<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(payload, Slot);
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], Count);
    }

    /// <summary>Reads it as it stands; whether there are such blocks is for the receiver to judge.</summary>
    public static InPlaceBlocks Read(ReadOnlySpan<byte> payload) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(payload), BinaryPrimitives.ReadInt32LittleEndian(payload[4..]));
}

/// <summary>Names and sizes of the files in which processes of one machine share memory.</summary>
public static class SegmentNames
{
    // A full vector may be read at any number, as in all memory of the engine.
    private const int PaddingFloats = 16;

    /// <summary>Bytes of a segment for so many float32 numbers.</summary>
    public static long BytesOf(long numbers) => checked((numbers + PaddingFloats) * sizeof(float));

    /// <summary>The segment of some versions of the parameters, one after the other.</summary>
    /// <param name="segment">Its number.</param>
    public static string OfVersion(int segment) => string.Create(CultureInfo.InvariantCulture, $"version-{segment}");

    /// <summary>The segment of one node's gradient.</summary>
    /// <param name="worker">The worker's incarnation.</param>
    /// <param name="slot">Number among its segments.</param>
    public static string OfGradient(long worker, int slot) => string.Create(CultureInfo.InvariantCulture, $"gradient-{worker}-{slot}");
}
