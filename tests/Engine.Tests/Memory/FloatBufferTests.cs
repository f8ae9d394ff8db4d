using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Tests.Memory;

public sealed unsafe class FloatBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void A_buffer_is_aligned_and_zero_with_its_padding(int length)
    {
        using var buffer = new FloatBuffer(length);
        Assert.Equal(length, buffer.Length);
        Assert.Equal(0, (nint)buffer.Pointer % 64);
        for (int i = 0; i < length + FloatBuffer.PaddingFloats; i++)
            Assert.Equal(0, BitConverter.SingleToInt32Bits(buffer.Pointer[i]));
    }

    [Fact]
    public void A_slice_is_the_buffers_own_memory()
    {
        using var buffer = new FloatBuffer(10);
        buffer.Slice(3, 4)[1] = 5;
        Assert.Equal(5, buffer.Span[4]);
        buffer.Clear();
        Assert.Equal(0, buffer.Span[4]);
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, -1)]
    [InlineData(8, 3)]
    [InlineData(11, 0)]
    public void A_slice_beyond_the_buffer_is_refused(int offset, int length)
    {
        using var buffer = new FloatBuffer(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(offset, length));
    }

    [Fact]
    public void A_negative_length_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new FloatBuffer(-1));

    [Fact]
    public void A_buffer_that_was_given_back_is_refused()
    {
        var buffer = new FloatBuffer(4);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Clear());
    }
}
