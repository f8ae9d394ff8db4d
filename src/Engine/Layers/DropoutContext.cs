using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Layers;

/// <summary>The mask of a pass for its backward half, a bit a number. Every row begins at a byte of its own.</summary>
internal sealed unsafe class DropoutContext(long rows, int rowLength) : LayerContext
{
    private readonly FloatBuffer _bits = new(((rows * BytesOf(rowLength)) + sizeof(float) - 1) / sizeof(float));

    /// <summary>Bits of a row.</summary>
    public byte* Row(long row) => (byte*)_bits.Pointer + (row * BytesOf(rowLength));

    protected override void Release() => _bits.Dispose();

    private static int BytesOf(int rowLength) => (rowLength + 7) / 8;
}
