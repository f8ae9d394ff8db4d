using System.Text;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Serialization;

namespace Lockstep.Benchmarks.Workload;

/// <summary>Data that is made: as much work for a step as real data, and the same on every machine.</summary>
internal static class SyntheticData
{
    /// <summary>Different characters of the text.</summary>
    public const int Characters = 65;

    private const ulong Seed = 1;

    // The characters in the order of their numbers are those of their UTF-8 bytes.
    private const char FirstCharacter = '0';

    /// <summary>Writes images [count, 3, side, side] of normal noise with classes drawn from <paramref name="classes"/>.</summary>
    public static void WriteNoise(string path, int count, int side, int classes)
    {
        var random = new CounterRandom(Seed, RandomPurpose.MadeData, (uint)side);
        float[] images = new float[count * 3 * side * side];
        long[] targets = new long[count];
        int pixels = 3 * side * side;
        Parallel.For(0, count, sample =>
        {
            for (int pixel = 0; pixel < pixels; pixel++)
                images[(sample * pixels) + pixel] = (float)random.Gaussian(0, (uint)sample, (uint)pixel);
            targets[sample] = random.Below((uint)classes, 1, (uint)sample, 0);
        });
        Write(path, TensorData.Of("inputs", [count, 3, side, side], images), TensorData.Of("targets", [count], targets));
    }

    /// <summary>Writes a Markov chain of characters: c is followed by 7·c + 3 modulo 65 three times out of four, else by any.</summary>
    public static void WriteText(string path, int length)
    {
        var random = new CounterRandom(Seed, RandomPurpose.MadeData);
        var text = new StringBuilder(length);
        uint character = 0;
        for (int place = 0; place < length; place++)
        {
            character = random.Below(4, 0, 0, (uint)place) == 0 ? random.Below(Characters, 1, 0, (uint)place) : ((character * 7) + 3) % Characters;
            text.Append((char)(FirstCharacter + character));
        }
        File.WriteAllText(path, text.ToString());
    }

    /// <summary>Writes two samples of one token each, 0 and 1, which are their classes.</summary>
    public static void WriteTokens(string path) =>
        Write(path, TensorData.Of("inputs", [2, 1], (long[])[0, 1]), TensorData.Of("targets", [2], (long[])[0, 1]));

    private static void Write(string path, params TensorData[] tensors)
    {
        using FileStream stream = File.Create(path);
        SafetensorsWriter.Write(stream, tensors);
    }
}
