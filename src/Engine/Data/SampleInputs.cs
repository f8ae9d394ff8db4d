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
        for (int i = 0; i < source.Length; i++)
            destination[i] = source[i];
    }
}

/// <summary>Inputs that are floats already.</summary>
internal sealed unsafe class FloatInputs(float[] numbers) : SampleInputs
{
    public override void Copy(long sample, int length, float* destination) =>
        numbers.AsSpan(checked((int)(sample * length)), length).CopyTo(new Span<float>(destination, length));
}
