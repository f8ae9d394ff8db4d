using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lockstep.Engine.Serialization;

/// <summary>
/// A safetensors file that is open for reading: 8 bytes of header length, a JSON header, raw little-endian data. The
/// header is checked as a whole when the file is opened; data is read when it is asked for, by several threads at once if need be.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const string TryAgain = "Write or fetch the file again.";
    private const int ReadBytes = 1 << 20;

    private readonly SafeFileHandle _handle;
    private readonly long _dataStart;
    private readonly Dictionary<string, TensorEntry> _byName;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header, long dataStart)
    {
        Path = path;
        _handle = handle;
        _dataStart = dataStart;
        Tensors = header.Tensors;
        Metadata = header.Metadata;
        _byName = header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its tensors, in the order of the header.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    /// <summary>Its metadata; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header against its size.</summary>
    /// <exception cref="SafetensorsException">The file cannot be opened or is not a sound safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            long length = RandomAccess.GetLength(handle);
            Span<byte> prefix = stackalloc byte[8];
            if (length < prefix.Length)
                throw new SafetensorsException(path, $"The file has {length} bytes, too few for a safetensors file.", TryAgain);
            Fill(handle, prefix, 0, path);
            ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (headerLength > SafetensorsHeader.MaximumLength || (long)headerLength > length - prefix.Length)
                throw new SafetensorsException(path, $"The header is said to have {headerLength} bytes, but the file has {length}, and a header at most {SafetensorsHeader.MaximumLength}.", "The file is cut off or not a safetensors file: write or fetch it again.");
            byte[] json = new byte[(int)headerLength];
            Fill(handle, json, prefix.Length, path);
            long dataStart = prefix.Length + (long)headerLength;
            var file = new SafetensorsFile(path, handle, SafetensorsHeader.Parse(json, length - dataStart, path), dataStart);
            handle = null;
            return file;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new SafetensorsException(path, $"The file cannot be read: {fault.Message}", "Check the path and the permissions.", fault);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="SafetensorsException">There is none.</exception>
    public TensorEntry this[string name] => _byName.TryGetValue(name, out TensorEntry? entry)
        ? entry
        : throw new SafetensorsException(Path, $"There is no tensor '{name}'.", Tensors.Count == 0
            ? "The file has no tensors at all."
            : $"It has {string.Join(", ", Tensors.Take(20).Select(tensor => $"'{tensor.Name}'"))}{(Tensors.Count > 20 ? ", …" : "")}.");

    /// <summary>Reads a whole F32 tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="destination">As many numbers as the tensor has.</param>
    /// <exception cref="SafetensorsException">There is no such tensor, or it has another type or length.</exception>
    public void CopyTo(string name, Span<float> destination) =>
        CopyRun(name, 0, destination, whole: true);

    /// <summary>Reads a run of an F32 tensor: elements <paramref name="first"/> onwards, as many as fit.</summary>
    /// <exception cref="SafetensorsException">There is no such tensor or run, or it has another type.</exception>
    public void CopyRunTo(string name, long first, Span<float> destination) =>
        CopyRun(name, first, destination, whole: false);

    /// <summary>Reads a whole F64 tensor.</summary>
    /// <inheritdoc cref="CopyTo(string, Span{float})"/>
    public void CopyTo(string name, Span<double> destination)
    {
        TensorEntry entry = Require(name, 0, destination.Length, whole: true, TensorType.F64);
        ReadLittleEndian(entry, 0, MemoryMarshal.Cast<double, long>(destination));
    }

    /// <summary>Reads a whole I64 tensor, or an I32 or U8 one whose numbers are widened.</summary>
    /// <inheritdoc cref="CopyTo(string, Span{float})"/>
    public void CopyTo(string name, Span<long> destination)
    {
        TensorEntry entry = Require(name, 0, destination.Length, whole: true, TensorType.I64, TensorType.I32, TensorType.U8);
        switch (entry.Type)
        {
            case TensorType.I64:
                ReadLittleEndian(entry, 0, destination);
                break;
            case TensorType.I32:
                Widen<int>(entry, destination);
                break;
            default:
                Widen<byte>(entry, destination);
                break;
        }
    }

    public void Dispose() => _handle.Dispose();

    private void CopyRun(string name, long first, Span<float> destination, bool whole)
    {
        TensorEntry entry = Require(name, first, destination.Length, whole, TensorType.F32);
        ReadLittleEndian(entry, first, MemoryMarshal.Cast<float, int>(destination));
    }

    private TensorEntry Require(string name, long first, int count, bool whole, params ReadOnlySpan<TensorType> types)
    {
        TensorEntry entry = this[name];
        if (!types.Contains(entry.Type))
            throw new SafetensorsException(Path, $"Tensor {entry} is not of type {string.Join(" or ", types.ToArray())}.", "Convert it where the file was made.");
        if (whole ? count != entry.Count : first < 0 || first > entry.Count || count > entry.Count - first)
            throw new SafetensorsException(Path, $"Tensor {entry} has {entry.Count} numbers, and {count} from number {first} on were asked for.", "Use a file that was made for the same shapes.");
        return entry;
    }

    private void Widen<T>(TensorEntry entry, Span<long> destination)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var buffer = new T[Math.Min(destination.Length, ReadBytes)];
        for (int done = 0; done < destination.Length;)
        {
            Span<T> part = buffer.AsSpan(0, Math.Min(buffer.Length, destination.Length - done));
            ReadLittleEndian(entry, done, part);
            foreach (T number in part)
                destination[done++] = long.CreateChecked(number);
        }
    }

    private void ReadLittleEndian<T>(TensorEntry entry, long first, Span<T> destination)
        where T : unmanaged
    {
        int size = entry.Type.Size();
        int step = ReadBytes / size;
        long position = _dataStart + entry.Offset + first * size;
        for (int done = 0; done < destination.Length; done += step)
        {
            Span<T> part = destination.Slice(done, Math.Min(step, destination.Length - done));
            try
            {
                Fill(_handle, MemoryMarshal.AsBytes(part), position + (long)done * size, Path);
            }
            catch (IOException fault)
            {
                throw new SafetensorsException(Path, $"Tensor {entry} cannot be read: {fault.Message}", TryAgain, fault);
            }
            if (!BitConverter.IsLittleEndian)
                Reverse(part);
        }
    }

    private static void Reverse<T>(Span<T> numbers)
        where T : unmanaged
    {
        if (typeof(T) == typeof(int))
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<T, int>(numbers), MemoryMarshal.Cast<T, int>(numbers));
        else if (typeof(T) == typeof(long))
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<T, long>(numbers), MemoryMarshal.Cast<T, long>(numbers));
    }

    private static void Fill(SafeFileHandle handle, Span<byte> destination, long position, string path)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(handle, destination, position);
            if (read == 0)
                throw new SafetensorsException(path, $"The file ends at byte {position}: it became shorter while it was read.", TryAgain);
            destination = destination[read..];
            position += read;
        }
    }
}
