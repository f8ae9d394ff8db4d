using System.Buffers.Binary;
using System.Numerics;

namespace Lockstep.Coordinator.Running.TensorBoard;

/// <summary>
/// Writes TFRecords: length (8 bytes), masked CRC-32C of the length, the bytes, masked CRC-32C of the bytes; all little-endian.
/// </summary>
internal static class RecordStream
{
    private const uint MaskDelta = 0xa282ead8;

    /// <summary>Writes one record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> record)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)record.Length);
        stream.Write(length);
        WriteChecksum(stream, length);
        stream.Write(record);
        WriteChecksum(stream, record);
    }

    /// <summary>The checksum as records carry it: rotated and shifted, so that a record which holds checksums has none that is trivial.</summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }

    private static void WriteChecksum(Stream stream, ReadOnlySpan<byte> bytes)
    {
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedChecksum(bytes));
        stream.Write(checksum);
    }
}
