using System.Buffers.Binary;
using System.IO.Compression;
using Lockstep.Engine.Data;

namespace Lockstep.Engine.Tests.Data;

/// <summary>Small files in the formats of data sets, and arrays out of data sets.</summary>
internal static unsafe class Samples
{
    public static byte[] Idx(int[] axes, byte[] elements, byte type = 8)
    {
        byte[] file = new byte[4 + 4 * axes.Length + elements.Length];
        file[2] = type;
        file[3] = (byte)axes.Length;
        for (int i = 0; i < axes.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * i), axes[i]);
        elements.CopyTo(file, 4 + 4 * axes.Length);
        return file;
    }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    public static float[] Input(this DataSet data, int sample)
    {
        float[] numbers = new float[data.InputLength];
        fixed (float* pointer = numbers)
            data.CopyInput(sample, pointer);
        return numbers;
    }

    public static float[] Target(this DataSet data, int sample)
    {
        float[] numbers = new float[data.TargetLength];
        fixed (float* pointer = numbers)
            data.CopyTarget(sample, pointer);
        return numbers;
    }

    public static int[] Classes(this DataSet data) => [.. Enumerable.Range(0, data.Count).Select(data.ClassOf)];
}
