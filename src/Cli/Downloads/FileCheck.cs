using System.IO.Compression;
using System.Security.Cryptography;

namespace Lockstep.Cli.Downloads;

/// <summary>Whether a file is the one that the catalogue tells of.</summary>
internal static class FileCheck
{
    public static bool IsGzip(string path)
    {
        using FileStream file = File.OpenRead(path);
        return file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
    }

    /// <summary>What is wrong with a file, or null. Never reads more than one byte beyond what is expected.</summary>
    public static string? Fault(string path, CatalogueFile expected)
    {
        bool unpack = expected.OfContent && IsGzip(path);
        using FileStream file = File.OpenRead(path);
        using Stream content = unpack ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        try
        {
            for (int read; length <= expected.Bytes && (read = content.Read(buffer)) > 0; length += read)
                hash.AppendData(buffer, 0, read);
        }
        catch (InvalidDataException)
        {
            return "it is gzipped but damaged";
        }
        if (length != expected.Bytes)
            return length > expected.Bytes ? $"it is longer than {expected.Bytes} bytes" : $"it has {length} bytes, not {expected.Bytes}";
        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        return actual == expected.Sha256 ? null : $"its SHA-256 is {actual}, not {expected.Sha256}";
    }
}
