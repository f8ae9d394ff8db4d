using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lockstep.Transport.Frames;

/// <summary>
/// The 32 bytes of a frame's header that belong to the application. The transport carries them and protects them by
/// the header's checksum, and never looks inside.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Length)]
public readonly record struct ApplicationHeader(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    /// <summary>In bytes.</summary>
    public const int Length = 32;

    /// <summary>The bytes of a value as they lie in memory (little-endian), zero-filled to 32.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is longer than 32 bytes.</exception>
    public static ApplicationHeader From<T>(in T value) where T : unmanaged
    {
        RequireFit<T>();
        ApplicationHeader header = default;
        MemoryMarshal.Write(BytesOf(ref header), in value);
        return header;
    }

    /// <summary>The first bytes read as a <typeparamref name="T"/>: the inverse of <see cref="From"/>.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is longer than 32 bytes.</exception>
    public T As<T>() where T : unmanaged
    {
        RequireFit<T>();
        ApplicationHeader copy = this;
        return MemoryMarshal.Read<T>(BytesOf(ref copy));
    }

    private static void RequireFit<T>() where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() > Length)
            throw new ArgumentException(
                $"{typeof(T).Name} has {Unsafe.SizeOf<T>()} bytes, but a frame carries {Length} in its header: send the rest in the payload.");
    }

    private static Span<byte> BytesOf(ref ApplicationHeader header) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref header, 1));
}
