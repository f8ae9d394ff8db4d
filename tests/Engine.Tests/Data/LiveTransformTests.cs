using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Sampling;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed unsafe class LiveTransformTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_crop_is_what_the_formula_says_of_any_image_size_and_padding() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 7], Gen.Int[1, 7], Gen.Int[0, 3], Gen.Int[0, 12], Gen.Int[0, 5]).Sample(
            (channels, height, width, padding, less, epoch) =>
            {
                int size = Math.Max(1, Math.Min(height, width) + 2 * padding - less);
                DataSet data = Images(channels, height, width, count: 3);
                TransformPipeline pipeline = TransformPipeline.Fit([new ScaleTransform(2), new RandomCropTransform(size, padding)], data);
                Assert.Equal([channels, size, size], pipeline.OutputShape);
                for (int sample = 0; sample < 3; sample++)
                {
                    int spareY = height + 2 * padding - size, spareX = width + 2 * padding - size;
                    Assert.Equal(Crop(data.Input(sample), spareY / 2, spareX / 2), Transformed(pipeline, data, sample, SampleVisit.Evaluation));
                    var random = new CounterRandom(9, RandomPurpose.Augmentation, 1);
                    int top = (int)random.Below((uint)spareY + 1, (ulong)epoch, (uint)sample, 0), left = (int)random.Below((uint)spareX + 1, (ulong)epoch, (uint)sample, 1);
                    Assert.Equal(Crop(data.Input(sample), top, left), Transformed(pipeline, data, sample, new SampleVisit(9, epoch, sample, true)));
                }

                float[] Crop(float[] image, int top, int left)
                {
                    float[] crop = new float[channels * size * size];
                    for (int i = 0; i < crop.Length; i++)
                    {
                        (int c, int y, int x) = (i / size / size, i / size % size + top - padding, i % size + left - padding);
                        crop[i] = y >= 0 && y < height && x >= 0 && x < width ? 2 * image[(c * height + y) * width + x] : 0;
                    }
                    return crop;
                }
            },
            threads: 1,
            iter: 200);

    [Fact]
    public void Every_place_is_cropped_about_equally_often()
    {
        DataSet data = Images(1, 3, 3, count: 1);
        TransformPipeline pipeline = TransformPipeline.Fit([new RandomCropTransform(2, 0)], data);
        int[] seen = new int[4];
        for (int epoch = 0; epoch < 4_000; epoch++)
        {
            float corner = Transformed(pipeline, data, 0, new SampleVisit(3, epoch, 0, true))[0];
            seen[new float[] { 1, 2, 4, 5 }.IndexOf(corner)]++;
        }
        Assert.All(seen, count => Assert.InRange(count, 880, 1_120));
    }

    [Fact]
    public void Half_of_the_training_samples_are_turned_around_and_none_in_evaluation()
    {
        DataSet data = Images(2, 2, 3, count: 1_000);
        TransformPipeline pipeline = TransformPipeline.Fit([new RandomFlipTransform()], data);
        int turned = 0;
        for (int sample = 0; sample < data.Count; sample++)
        {
            float[] image = data.Input(sample);
            Assert.Equal(image, Transformed(pipeline, data, sample, SampleVisit.Evaluation));
            float[] seen = Transformed(pipeline, data, sample, new SampleVisit(1, 0, sample, true));
            float[] mirrored = [.. image.Select((_, i) => image[i / 3 * 3 + 2 - i % 3])];
            Assert.True(seen.SequenceEqual(image) || seen.SequenceEqual(mirrored));
            turned += seen.SequenceEqual(mirrored) ? 1 : 0;
        }
        Assert.InRange(turned, 440, 560);
    }

    [Fact]
    public void What_a_sample_looks_like_depends_on_seed_epoch_and_sample_and_not_on_who_reads_it_when()
    {
        DataSet data = Images(3, 6, 6, count: 40);
        TransformPipeline pipeline = TransformPipeline.Fit([new RandomCropTransform(5, 2), new RandomFlipTransform(), new SubtractMeanTransform(MeanKind.PerChannel)], data);
        float[][] whole = Read(order: [(0, 40)]), pieces = Read(order: [(17, 23), (0, 3), (3, 14)]);
        for (int position = 0; position < 40; position++)
            Assert.Equal(whole[position], pieces[position]);
        Assert.NotEqual(whole[0], Read(order: [(0, 40)], epoch: 4)[0]);

        float[][] Read((int First, int Count)[] order, long epoch = 3)
        {
            var reader = new BatchReader(data, pipeline, new EpochOrder(11, data.Count, shuffle: false), augmentationSeed: 11);
            float[][] read = new float[data.Count][];
            using var inputs = new FloatBuffer(40 * 75);
            int[] classes = new int[40];
            foreach ((int first, int count) in order)
            {
                fixed (int* pointer = classes)
                    reader.ReadClasses(epoch, first, count, inputs.Pointer, pointer);
                for (int i = 0; i < count; i++)
                    read[first + i] = inputs.Slice(i * 75, 75).ToArray();
            }
            return read;
        }
    }

    [Fact]
    public void Two_live_transforms_draw_independently()
    {
        DataSet data = Images(1, 1, 2, count: 200);
        TransformPipeline twice = TransformPipeline.Fit([new RandomFlipTransform(), new RandomFlipTransform()], data);
        int turned = Enumerable.Range(0, 200).Count(sample => !Transformed(twice, data, sample, new SampleVisit(1, 0, sample, true)).SequenceEqual(data.Input(sample)));
        Assert.InRange(turned, 70, 130);
    }

    [Fact]
    public void Reading_through_reshaping_transforms_allocates_nothing_once_the_epoch_has_begun()
    {
        DataSet data = Images(3, 8, 8, count: 32);
        var reader = new BatchReader(data, TransformPipeline.Fit([new RandomCropTransform(8, 1), new RandomFlipTransform()], data), new EpochOrder(5, 32, shuffle: true), 5);
        using var inputs = new FloatBuffer(32 * 192);
        int* classes = stackalloc int[32];
        reader.ReadClasses(0, 0, 32, inputs.Pointer, classes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 10; step++)
            reader.ReadClasses(0, 0, 32, inputs.Pointer, classes);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void What_is_no_image_or_too_small_is_refused()
    {
        Assert.Contains("no image", Fault(Images(1, 2, 3, 1).WithInputShape([6]), new RandomFlipTransform()), StringComparison.Ordinal);
        Assert.Contains("no image", Fault(Images(1, 2, 3, 1).WithInputShape([2, 3]), new RandomCropTransform(1)), StringComparison.Ordinal);
        Assert.Contains("no square of 5", Fault(Images(1, 2, 3, 1), new RandomCropTransform(5, 1)), StringComparison.Ordinal);
        Assert.Contains("no square of 0", Fault(Images(1, 2, 3, 1), new RandomCropTransform(0)), StringComparison.Ordinal);

        static string Fault(DataSet data, TransformSpec spec) => Assert.Throws<DataException>(() => TransformPipeline.Fit([spec], data)).Message;
    }

    private DataSet Images(int channels, int height, int width, int count)
    {
        int length = channels * height * width;
        TensorData[] tensors =
        [
            TensorData.Of("inputs", [count, channels, height, width], Enumerable.Range(1, count * length).Select(i => (float)i).ToArray()),
            TensorData.Of("targets", [count], new long[count]),
        ];
        string path = _folder["images.safetensors"];
        AtomicFile.Write(path, 0, stream => SafetensorsWriter.Write(stream, tensors));
        return DataSets.Tensors(path);
    }

    private static float[] Transformed(TransformPipeline pipeline, DataSet data, int sample, SampleVisit visit)
    {
        float[] read = new float[pipeline.OutputLength], applied = new float[pipeline.OutputLength], input = data.Input(sample);
        fixed (float* first = read, second = applied, raw = input)
        {
            pipeline.Read(data, sample, first, visit);
            pipeline.Apply(raw, second, visit);
        }
        Assert.Equal(read, applied);
        Assert.Equal(data.Input(sample), input);
        return read;
    }
}
