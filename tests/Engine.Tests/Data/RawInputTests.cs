using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed unsafe class RawInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Whole vectors, their ends and what is left over: every length up to several vectors, every byte.</summary>
    [Fact]
    public void Bytes_become_the_same_floats_at_every_length()
    {
        for (int length = 1; length <= 300; length += length < 70 ? 1 : 23)
        {
            byte[] pixels = [.. Enumerable.Range(0, 3 * length).Select(i => (byte)(i * 7 + length))];
            DataSet data = DataSets.Idx(_folder.Write("images", Samples.Idx([3, 1, length], pixels)), _folder.Write("labels", Samples.Idx([3], new byte[3])));
            for (int sample = 0; sample < 3; sample++)
                Assert.Equal(pixels.Skip(sample * length).Take(length).Select(pixel => (float)pixel), data.Input(sample));
        }
    }

    [Fact]
    public void Transforms_do_to_each_element_what_their_formulas_say_at_every_length()
    {
        for (int length = 1; length <= 70; length++)
        {
            byte[] pixels = [.. Enumerable.Range(0, 5 * length).Select(i => (byte)(i * i * 13 + 5 * i))];
            DataSet data = DataSets.Idx(_folder.Write("images", Samples.Idx([5, 1, length], pixels)), _folder.Write("labels", Samples.Idx([5], new byte[5])));
            double[] means = [.. Enumerable.Range(0, length).Select(i => Enumerable.Range(0, 5).Sum(n => (double)pixels[n * length + i]) / 5)];
            double[] deviations = [.. Enumerable.Range(0, length).Select(i => Math.Sqrt(Enumerable.Range(0, 5).Sum(n => Math.Pow(pixels[n * length + i] - means[i], 2)) / 5))];
            float[] raw = data.Input(2);
            Assert.Equal(raw.Select(x => x * 0.3f), Apply(new ScaleTransform(0.3f), data));
            Assert.Equal(raw.Select((x, i) => x - (float)means[i]), Apply(new SubtractMeanTransform(MeanKind.PerPixel), data));
            Assert.Equal(raw.Select((x, i) => (x - (float)means[i]) / (deviations[i] == 0 ? 1 : (float)deviations[i])), Apply(new StandardizeTransform(), data));
        }
    }

    private static float[] Apply(TransformSpec spec, DataSet data)
    {
        float[] numbers = data.Input(2);
        fixed (float* pointer = numbers)
            TransformPipeline.Fit([spec], data).Apply(pointer);
        return numbers;
    }
}
