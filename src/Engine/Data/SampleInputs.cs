using System.Numerics;

namespace Lockstep.Engine.Data;

/// <summary>The inputs of all samples in the form in which the files hold them; they become floats when one is copied out.</summary>
internal abstract unsafe class SampleInputs
{
    /// <summary>Writes one sample's numbers, as many as the input shape has.</summary>
    public void Copy(long sample, int length, float* destination) => CopyRun(sample, length, 0, length, destination);

    /// <summary>Writes a run of one sample's numbers.</summary>
    /// <param name="sample">Which sample.</param>
    /// <param name="length">Numbers of a sample.</param>
    /// <param name="first">The first that is written.</param>
    /// <param name="count">How many are.</param>
    /// <param name="destination">Room for them.</param>
    public abstract void CopyRun(long sample, int length, int first, int count, float* destination);
}

/// <summary>Inputs of one byte a number, such as pixels.</summary>
/// <param name="numbers">The bytes of all samples.</param>
/// <param name="start">Where the first sample begins.</param>
/// <param name="between">Bytes between the end of a sample and the start of the next.</param>
internal sealed unsafe class ByteInputs(byte[] numbers, int start, int between = 0) : SampleInputs
{
    public override void CopyRun(long sample, int length, int first, int count, float* destination)
    {
        ReadOnlySpan<byte> source = numbers.AsSpan(checked((int)(start + sample * (length + between) + first)), count);
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
    public override void CopyRun(long sample, int length, int first, int count, float* destination) =>
        numbers.AsSpan(checked((int)(sample * length + first)), count).CopyTo(new Span<float>(destination, count));
}

/// <summary>Inputs that overlap: sample i begins <paramref name="step"/> numbers after sample i − 1.</summary>
internal sealed unsafe class WindowInputs(float[] numbers, int step) : SampleInputs
{
    public override void CopyRun(long sample, int length, int first, int count, float* destination) =>
        numbers.AsSpan(checked((int)(sample * step + first)), count).CopyTo(new Span<float>(destination, count));
}

/// <summary>Inputs that are tokens: whole numbers below 2^24, which are floats exactly.</summary>
/// <param name="tokens">The tokens of all samples.</param>
/// <param name="start">Where the first sample begins.</param>
internal sealed unsafe class TokenInputs(int[] tokens, int start = 0) : SampleInputs
{
    public override void CopyRun(long sample, int length, int first, int count, float* destination)
    {
        ReadOnlySpan<int> source = tokens.AsSpan(checked((int)(start + sample * length + first)), count);
        for (int i = 0; i < source.Length; i++)
            destination[i] = source[i];
    }
}

/// <summary>Ones for the first steps of each sample and zeros for the rest: the mask of sequences that were filled up at their ends.</summary>
internal sealed unsafe class LengthMask(int[] lengths) : SampleInputs
{
    public override void CopyRun(long sample, int length, int first, int count, float* destination)
    {
        for (int i = 0; i < count; i++)
            destination[i] = first + i < lengths[sample] ? 1 : 0;
    }
}

/// <summary>Samples that share inputs: sample i has input <paramref name="which"/>[i].</summary>
internal sealed unsafe class SharedInputs(SampleInputs inputs, int[] which) : SampleInputs
{
    public override void CopyRun(long sample, int length, int first, int count, float* destination) => inputs.CopyRun(which[sample], length, first, count, destination);
}
