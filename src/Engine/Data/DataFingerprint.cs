using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Lockstep.Engine.Data;

/// <summary>
/// What says that two machines have the same data: SHA-256 over the files of a data set in a fixed order, for each its
/// bytes and then its length (8 bytes, little-endian). Names and places are left out. Files that are read through gzip count unpacked:
/// how they were packed is no part of the data.
/// </summary>
public sealed class DataFingerprint : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a file that is in memory.</summary>
    public DataFingerprint Add(ReadOnlySpan<byte> content)
    {
        _hash.AppendData(content);
        return AddLength(content.Length);
    }

    /// <summary>Adds a file as it lies on the disk.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public DataFingerprint AddFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] buffer = new byte[1 << 20];
            long length = 0;
            for (int read; (read = file.Read(buffer)) > 0; length += read)
                _hash.AppendData(buffer, 0, read);
            return AddLength(length);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"The file cannot be read: {fault.Message}", "Check the path and the permissions.", fault);
        }
    }

    /// <summary>One fingerprint for several, in the order given.</summary>
    public static string Combine(params ReadOnlySpan<string> fingerprints)
    {
        using var combined = new DataFingerprint();
        foreach (string fingerprint in fingerprints)
            combined.Add(Convert.FromHexString(fingerprint));
        return combined.Finish();
    }

    /// <summary>The fingerprint in lower-case hexadecimal digits.</summary>
    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    private DataFingerprint AddLength(long length)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        _hash.AppendData(bytes);
        return this;
    }
}
