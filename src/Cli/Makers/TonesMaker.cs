using Lockstep.Engine.Randomness;
using Lockstep.Engine.Serialization;

namespace Lockstep.Cli.Makers;

/// <summary>
/// Spectra of a short tone in noise: inputs F32 [N, T, D] with T = 40 frames of D = 16 bands, and classes I64 [N]: 0 steady, 1 rising, 2 falling, 3 rising then falling,
/// 4 falling then rising. A tone lasts 13 frames, begins at any of the frames that leave room for it, and lies in any of the bands, so that what tells the classes
/// apart is the change from frame to frame and neither the place nor the pitch. <c>train.safetensors</c> and <c>held-out.safetensors</c>.
/// </summary>
internal sealed class TonesMaker : IDataMaker
{
    public const int Frames = 40;
    public const int Bands = 16;
    public const int Classes = 5;

    private const int TrainingSamples = 4_000;
    private const int HeldOutSamples = 1_000;
    private const int Length = 13;
    private const double NoiseDeviation = 0.3;

    public string Name => "tones";

    public string Description => "spectra of rising and falling tones at a random place in noise, for time-delay networks";

    public void Make(string folder, ulong seed)
    {
        Write(Path.Combine(folder, "train.safetensors"), new CounterRandom(seed, RandomPurpose.MadeData, 0), TrainingSamples);
        Write(Path.Combine(folder, "held-out.safetensors"), new CounterRandom(seed, RandomPurpose.MadeData, 1), HeldOutSamples);
    }

    private static void Write(string path, CounterRandom random, int count)
    {
        float[] inputs = new float[count * Frames * Bands];
        long[] classes = new long[count];
        for (int i = 0; i < count; i++)
        {
            classes[i] = random.Below(Classes, 0, (uint)i, 0);
            Draw(random, (uint)i, (int)classes[i], inputs.AsSpan(i * Frames * Bands, Frames * Bands));
        }
        using FileStream stream = File.Create(path);
        SafetensorsWriter.Write(stream, [TensorData.Of("inputs", [count, Frames, Bands], inputs), TensorData.Of("targets", [count], classes)]);
    }

    private static void Draw(CounterRandom random, uint sample, int kind, Span<float> frames)
    {
        int first = (int)random.Below(Frames - Length + 1, 0, sample, 1);
        double slope = 0.4 + (0.4 * random.Uniform(1, sample, 0));
        double loudness = 0.8 + (0.4 * random.Uniform(1, sample, 1));
        // The tone's highest band minus its lowest leaves room for so many bands to begin at.
        double[] path = [.. Enumerable.Range(0, Length).Select(frame => slope * Height(kind, frame))];
        double lowest = path.Min(), room = Bands - 1 - (path.Max() - lowest);
        double begin = (room * random.Uniform(1, sample, 2)) - lowest;
        for (int i = 0; i < frames.Length; i++)
        {
            int frame = (i / Bands) - first;
            double tone = frame is >= 0 and < Length ? loudness * Math.Max(0, 1 - (Math.Abs(begin + path[frame] - (i % Bands)) / 1.5)) : 0;
            frames[i] = (float)(tone + (NoiseDeviation * random.Gaussian(2, sample, (uint)i)));
        }
    }

    // Steps up from the first frame on.
    private static int Height(int kind, int frame) => kind switch
    {
        0 => 0,
        1 => frame,
        2 => -frame,
        3 => frame <= Length / 2 ? frame : Length - 1 - frame,
        _ => frame <= Length / 2 ? -frame : frame - (Length - 1),
    };
}
