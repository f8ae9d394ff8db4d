using System.Buffers.Binary;
using System.IO.Hashing;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Images;

namespace Lockstep.Fuzz;

/// <summary>Pictures.</summary>
internal static class ImageTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        new("png", Files("*.png"), static bytes => ImageFile.Decode(bytes, "image.png"), static e => e is DataException) { Repair = RepairPng, AllowedBytes = 1 << 20, BytesPerByte = 32 * 1024 },
        new("jpeg", Files("*.jpg"), static bytes => ImageFile.Decode(bytes, "image.jpg"), static e => e is DataException)
        {
            Words = [[0xFF, 0xD8], [0xFF, 0xD9], [0xFF, 0xC0], [0xFF, 0xC2], [0xFF, 0xC4], [0xFF, 0xDA], [0xFF, 0xDB], [0xFF, 0xDD, 0, 4, 0, 1], [0xFF, 0xD0], [0xFF, 0], [0xFF, 0xEE]], AllowedBytes = 1 << 20, BytesPerByte = 16 * 1024,
        },
    ];

    private static byte[][] Files(string pattern) =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Seeds"), pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    // Every chunk's checksum, as far as the lengths make sense.
    private static void RepairPng(byte[] bytes)
    {
        for (int at = 8; at + 12 <= bytes.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            if (length > bytes.Length - at - 12)
                return;
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 8 + (int)length), Crc32.HashToUInt32(bytes.AsSpan(at + 4, 4 + (int)length)));
            at += 12 + (int)length;
        }
    }
}
