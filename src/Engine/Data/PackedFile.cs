using System.IO.Compression;

namespace Lockstep.Engine.Data;

/// <summary>A file that may be gzipped; its first two bytes decide, whatever its name says.</summary>
internal static class PackedFile
{
    /// <summary>Deflate never packs better than this (RFC 1951: 258 bytes in 2 bits), so a file's length bounds its content's.</summary>
    public const long LargestRatio = 1032;

    /// <summary>Opens a file for reading its unpacked content.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostContent">No content of this file can be longer than so many bytes.</param>
    public static Stream Open(string path, out long mostContent)
    {
        FileStream file = File.OpenRead(path);
        try
        {
            return Unpack(file, out mostContent);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The unpacked content of a stream that can seek.</summary>
    public static Stream Unpack(Stream stream, out long mostContent)
    {
        bool packed = stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
        stream.Position = 0;
        mostContent = packed ? stream.Length * LargestRatio : stream.Length;
        return packed ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    /// <summary>The whole unpacked content.</summary>
    /// <exception cref="DataException">The file is missing, damaged, or longer than one array can be.</exception>
    public static byte[] ReadAll(string path) => Read(path, () =>
    {
        using Stream stream = Open(path, out _);
        return ReadAll(stream, path);
    });

    /// <inheritdoc cref="ReadAll(string)"/>
    public static byte[] ReadAll(Stream stream, string path)
    {
        using var content = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (content.Length + read > Array.MaxLength)
                throw new DataException(path, $"Its content is longer than {Array.MaxLength} bytes.", "Split it.");
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    /// <summary>Runs a reader and turns what the system throws into an error that names the file.</summary>
    public static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException fault)
        {
            throw new DataException(path, "The file is gzipped but damaged.", "Fetch it again.", fault);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(path, "There is no such file.", "Check the path; relative paths count from the job file.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DataException(path, $"The file cannot be read: {fault.Message}", "Check the path and the permissions.", fault);
        }
    }
}
