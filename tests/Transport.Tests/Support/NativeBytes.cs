using System.Runtime.InteropServices;

namespace Lockstep.Transport.Tests.Support;

/// <summary>Memory outside the garbage-collected heap, as gradients have it.</summary>
internal sealed unsafe class NativeBytes : IDisposable
{
    private byte* _pointer;

    public NativeBytes(int length, int? seed = null)
    {
        Length = length;
        _pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), 64);
        if (seed is { } s)
            new Random(s).NextBytes(Span);
        else
            Span.Clear();
    }

    public int Length { get; }

    public byte* Pointer => _pointer is not null ? _pointer : throw new ObjectDisposedException(nameof(NativeBytes));

    public Span<byte> Span => new(Pointer, Length);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
