using System.Runtime.InteropServices;

namespace Lockstep.Engine.Memory;

/// <summary>
/// Float32 numbers outside the garbage-collected heap, on a 64-byte boundary, zero at first. The end is padded to a
/// whole cache line, so that a full vector may be read or written at any element without leaving the buffer by more
/// than <see cref="PaddingFloats"/> numbers.
/// </summary>
public sealed unsafe class FloatBuffer : IDisposable
{
    /// <summary>Numbers that exist, and are zero, after the last one.</summary>
    public const int PaddingFloats = 16;

    private float* _pointer;

    /// <param name="length">How many numbers; 0 is allowed.</param>
    /// <exception cref="OutOfMemoryException">The system has no such memory.</exception>
    public FloatBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        nuint bytes = checked((nuint)(length + PaddingFloats) * sizeof(float));
        _pointer = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(_pointer, bytes);
    }

    ~FloatBuffer() => Free();

    /// <summary>How many numbers the buffer holds.</summary>
    public long Length { get; }

    /// <summary>The first number.</summary>
    /// <exception cref="ObjectDisposedException">The buffer has been given back.</exception>
    public float* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    /// <summary>All numbers; only for buffers that a span can hold (fewer than 2^31 numbers).</summary>
    public Span<float> Span => new(Pointer, checked((int)Length));

    /// <summary>A run of the numbers.</summary>
    public Span<float> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new Span<float>(Pointer + offset, length);
    }

    /// <summary>Makes every number +0.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Length * sizeof(float));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pointer is null)
            return;
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
