using System.Numerics;

namespace Lockstep.Engine.Data;

/// <summary>The inputs of all samples in the form in which the files hold them; they become floats when one is copied out.</summary>
internal abstract unsafe class SampleInputs
{
    /// <summary>Writes one sample's numbers, as many as the input shape has.</summary>
    public abstract void Copy(long sample, int length, float* destination);
}

/// <summary>Inputs of one byte a number, such as pixels.</summary>
internal sealed unsafe class ByteInputs(byte[] numbers, int start) : SampleInputs
{
    public override void Copy(long sample, int length, float* destination)
    {
        ReadOnlySpan<byte> source = numbers.AsSpan(checked((int)(start + sample * length)), length);
        int i = 0;
        // Bytes are floats exactly, so that the width of the vectors changes nothing.
        for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(source[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Store(low, destination + i);
            Store(high, destination + i + Vector<ushort>.Count);
        }
        for (; i < source.Length; i++)
            destination[i] = source[i];
    }

    private static void Store(Vector<ushort> numbers, float* destination)
    {
        Vector.Widen(numbers, out Vector<uint> low, out Vector<uint> high);
        // As int: converting unsigned numbers takes several instructions on most machines.
        Vector.ConvertToSingle(Vector.AsVectorInt32(low)).Store(destination);
        Vector.ConvertToSingle(Vector.AsVectorInt32(high)).Store(destination + Vector<float>.Count);
    }
}

/// <summary>Inputs that are floats already.</summary>
internal sealed unsafe class FloatInputs(float[] numbers) : SampleInputs
{
    public override void Copy(long sample, int length, float* destination) =>
        numbers.AsSpan(checked((int)(sample * length)), length).CopyTo(new Span<float>(destination, length));
}
