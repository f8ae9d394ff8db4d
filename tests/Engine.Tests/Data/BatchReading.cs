using Lockstep.Engine.Data.Sampling;

namespace Lockstep.Engine.Tests.Data;

/// <summary>Reads runs of samples as the tests need them.</summary>
internal static unsafe class BatchReading
{
    /// <summary>Reads samples whose targets are classes.</summary>
    public static void ReadClasses(this BatchReader reader, long epoch, int first, int count, float* inputs, int* classes)
    {
        Span<int> samples = stackalloc int[count];
        reader.Samples(epoch, first, samples);
        for (int row = 0; row < count; row++)
        {
            reader.Read(samples[row], epoch, inputs + ((long)row * reader.InputLength));
            classes[row] = reader.Data.ClassOf(samples[row]);
        }
    }
}
