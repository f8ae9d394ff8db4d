using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed unsafe class TransformTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_transforms_the_numbers_stay()
    {
        DataSet data = DataSets.Digits().Training;
        TransformPipeline pipeline = TransformPipeline.Fit([], data);
        Assert.Empty(pipeline.Statistics);
        Assert.Equal(data.Input(3), Transformed(pipeline, data, 3));
    }

    [Fact]
    public void Scaling_multiplies_in_single_precision()
    {
        DataSet data = DataSets.Digits().Training;
        TransformPipeline pipeline = TransformPipeline.Fit([new ScaleTransform(1f / 255)], data);
        Assert.Equal(data.Input(0).Select(value => value * (1f / 255)), Transformed(pipeline, data, 0));
        Assert.Throws<DataException>(() => TransformPipeline.Fit([new ScaleTransform(float.NaN)], data));
    }

    [Fact]
    public void After_the_pixel_means_are_subtracted_they_are_zero()
    {
        DataSet data = DataSets.Digits().Training;
        double[] means = Means(TransformPipeline.Fit([new SubtractMeanTransform(MeanKind.PerPixel)], data), data);
        Assert.All(means, mean => Assert.InRange(mean, -1e-5, 1e-5));
    }

    [Fact]
    public void A_channel_has_one_mean()
    {
        DataSet data = Images([2, 1, 2], [[1, 3, 10, 20], [5, 7, 30, 40]]);
        TransformPipeline pipeline = TransformPipeline.Fit([new SubtractMeanTransform(MeanKind.PerChannel)], data);
        Assert.Equal([-3f, -1, -15, -5], Transformed(pipeline, data, 0));
        Assert.Equal([1f, 3, 5, 15], Transformed(pipeline, data, 1));
    }

    [Fact]
    public void A_table_has_no_channels() =>
        Assert.Contains("has no channels", Assert.Throws<DataException>(() =>
            TransformPipeline.Fit([new SubtractMeanTransform(MeanKind.PerChannel)], Images([4], [[1, 2, 3, 4]]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Standardized_elements_have_mean_zero_and_deviation_one_and_constant_ones_are_zero()
    {
        DataSet data = Images([3], [[1, 0.1f, -4], [3, 0.1f, 4], [5, 0.1f, 0]]);
        TransformPipeline pipeline = TransformPipeline.Fit([new StandardizeTransform()], data);
        float deviation = (float)Math.Sqrt(8.0 / 3);
        Assert.Equal([-2 / deviation, 0, -4 / (float)Math.Sqrt(32.0 / 3)], Transformed(pipeline, data, 0));
        Assert.Equal([2 / deviation, 0, 0], Transformed(pipeline, data, 2));
    }

    [Fact]
    public void Each_statistic_is_of_what_the_transforms_before_leave()
    {
        DataSet data = Images([1], [[2], [4]]);
        TransformPipeline pipeline = TransformPipeline.Fit(
            [new ScaleTransform(10), new SubtractMeanTransform(MeanKind.PerPixel), new StandardizeTransform()], data);
        Assert.Equal([-1f], Transformed(pipeline, data, 0));
        Assert.Equal(["transforms.1.mean", "transforms.2.mean", "transforms.2.deviation"], pipeline.Statistics.Select(statistic => statistic.Name));
    }

    [Fact]
    public void A_saved_pipeline_gives_the_same_bits()
    {
        DataSet data = DataSets.Digits().Training;
        TransformSpec[] specs = [new SubtractMeanTransform(MeanKind.PerChannel), new ScaleTransform(0.3f), new StandardizeTransform()];
        TransformPipeline fitted = TransformPipeline.Fit(specs, data);
        string path = _folder["transforms.safetensors"];
        AtomicFile.Write(path, 0, stream => SafetensorsWriter.Write(stream, fitted.Statistics));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        TransformPipeline restored = TransformPipeline.Restore(specs, data.InputShape, file);
        for (int i = 0; i < 100; i++)
            Assert.Equal(Transformed(fitted, data, i), Transformed(restored, data, i));
        Assert.Throws<SafetensorsException>(() => TransformPipeline.Restore(specs, [1, 8, 9], file));
        Assert.Throws<SafetensorsException>(() => TransformPipeline.Restore([new StandardizeTransform()], data.InputShape, file));
    }

    private DataSet Images(int[] shape, float[][] samples)
    {
        string path = _folder["images.safetensors"];
        TensorData[] tensors =
        [
            TensorData.Of("inputs", [samples.Length, .. shape], samples.SelectMany(sample => sample).ToArray()),
            TensorData.Of("targets", [samples.Length], new long[samples.Length]),
        ];
        AtomicFile.Write(path, 0, stream => SafetensorsWriter.Write(stream, tensors));
        return DataSets.Tensors(path);
    }

    private static double[] Means(TransformPipeline pipeline, DataSet data)
    {
        double[] sums = new double[data.InputLength];
        for (int sample = 0; sample < data.Count; sample++)
        {
            float[] numbers = Transformed(pipeline, data, sample);
            for (int i = 0; i < sums.Length; i++)
                sums[i] += numbers[i];
        }
        return [.. sums.Select(sum => sum / data.Count)];
    }

    private static float[] Transformed(TransformPipeline pipeline, DataSet data, int sample)
    {
        float[] numbers = data.Input(sample);
        fixed (float* pointer = numbers)
            pipeline.Apply(pointer);
        return numbers;
    }
}
