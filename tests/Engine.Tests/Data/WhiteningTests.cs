using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed unsafe class WhiteningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Eigenvectors_are_orthonormal_and_give_the_matrix_back() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 1000], Gen.Int[-60, 60]).Sample(
            (n, seed, exponent) =>
            {
                var random = new Random(seed);
                double scale = Math.Pow(2, exponent);
                double[][] matrix = [.. Enumerable.Range(0, n).Select(_ => new double[n])];
                for (int i = 0; i < n; i++)
                {
                    for (int j = 0; j <= i; j++)
                        matrix[i][j] = matrix[j][i] = random.Next(4) == 0 ? 0 : (random.NextDouble() - 0.5) * scale;
                }
                (double[] values, double[][] vectors) = SymmetricEigen.Decompose([.. matrix.Select(row => (double[])row.Clone())]);
                Assert.Equal(values.OrderDescending(), values);
                for (int i = 0; i < n; i++)
                {
                    Assert.True(vectors[i].MaxBy(Math.Abs) > 0);
                    for (int j = 0; j < n; j++)
                    {
                        Assert.Equal(i == j ? 1 : 0, Dot(vectors[i], vectors[j]), 1e-12);
                        Assert.Equal(matrix[i][j] / scale, Enumerable.Range(0, n).Sum(k => vectors[k][i] * values[k] * vectors[k][j]) / scale, 1e-12);
                    }
                }
            },
            threads: 1,
            iter: 300);

    [Fact]
    public void Known_matrices_have_their_known_eigenvalues()
    {
        (double[] values, double[][] vectors) = SymmetricEigen.Decompose([[2, 1], [1, 2]]);
        Assert.Equal([3, 1], values.Select(value => Math.Round(value, 14)));
        Assert.Equal([1 / Math.Sqrt(2), 1 / Math.Sqrt(2)], vectors[0].Select(x => x), (left, right) => Math.Abs(left - right) < 1e-15);
        Assert.Equal([5.0, 5, 5], SymmetricEigen.Decompose([[5, 0, 0], [0, 5, 0], [0, 0, 5]]).Values);
        Assert.Equal([0.0, 0], SymmetricEigen.Decompose([[0, 0], [0, 0]]).Values);
    }

    [Fact]
    public void Whitened_components_are_uncorrelated_with_variance_one_and_saved_ones_give_the_same_bits()
    {
        DataSet data = DataSets.Digits().Training;
        TransformSpec[] specs = [new ScaleTransform(1f / 16), new WhitenTransform(20, 0), new ScaleTransform(2)];
        TransformPipeline pipeline = TransformPipeline.Fit(specs, data);
        Assert.Equal([20], pipeline.OutputShape);
        float[][] outputs = [.. Enumerable.Range(0, data.Count).Select(sample => Transformed(pipeline, data, sample))];
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(0, outputs.Average(y => y[i]), 1e-4);
            for (int j = 0; j <= i; j++)
                Assert.Equal(i == j ? 4 : 0, outputs.Average(y => (double)y[i] * y[j]), 1e-3);
        }
        string path = _folder["transforms.safetensors"];
        AtomicFile.Write(path, 0, stream => SafetensorsWriter.Write(stream, pipeline.Statistics));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(["transforms.1.mean", "transforms.1.weights"], file.Tensors.Select(tensor => tensor.Name));
        TransformPipeline restored = TransformPipeline.Restore(specs, data.InputShape, file);
        for (int sample = 0; sample < 50; sample++)
            Assert.Equal(outputs[sample], Transformed(restored, data, sample));
    }

    [Fact]
    public void A_whitened_sample_is_the_naive_sum_in_single_precision()
    {
        DataSet data = DataSets.Digits().Training;
        for (int components = 1; components <= 19; components += 6)
        {
            TransformPipeline pipeline = TransformPipeline.Fit([new WhitenTransform(components, 1e-2)], data);
            float[] mean = Values(pipeline, 0), weights = Values(pipeline, 1), input = data.Input(7), expected = new float[components];
            for (int i = 0; i < 64; i++)
            {
                for (int k = 0; k < components; k++)
                    expected[k] += weights[i * components + k] * (input[i] - mean[i]);
            }
            Assert.Equal(expected, Transformed(pipeline, data, 7));
        }
    }

    [Fact]
    public void The_covariance_is_added_sample_after_sample() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 19], Gen.Int[0, 1000]).Sample(
            (samples, length, seed) =>
            {
                var random = new Random(seed);
                float[][] data = [.. Enumerable.Range(0, samples).Select(_ => Enumerable.Range(0, length).Select(_ => (float)random.NextDouble()).ToArray())];
                double[] means = [.. Enumerable.Range(0, length).Select(_ => random.NextDouble())];
                double[][] covariance = WhiteningFit.Covariance(samples, means, (sample, destination) => data[sample].CopyTo(destination, 0));
                for (int i = 0; i < length; i++)
                {
                    for (int j = 0; j <= i; j++)
                    {
                        double sum = 0;
                        for (int n = 0; n < samples; n++)
                            sum += (data[n][j] - means[j]) * (data[n][i] - means[i]);
                        Assert.Equal(sum / samples, covariance[i][j]);
                        Assert.Equal(covariance[i][j], covariance[j][i]);
                    }
                }
            },
            iter: 100);

    [Fact]
    public void A_component_that_never_varies_is_zero()
    {
        DataSet data = Table([[1, 1, 5], [2, 2, 5], [4, 4, 5]]);
        TransformPipeline pipeline = TransformPipeline.Fit([new WhitenTransform(3, 1e-3)], data);
        Assert.Equal(0, Transformed(pipeline, data, 0)[2], 1e-5);
        Assert.True(Transformed(pipeline, data, 0)[0] < -0.9f);
    }

    [Theory]
    [InlineData(0, 0.1, "no 0 principal components")]
    [InlineData(4, 0.1, "no 4 principal components")]
    [InlineData(1, -1, "epsilon -1 is below 0")]
    [InlineData(1, double.NaN, "epsilon NaN is below 0")]
    public void What_makes_no_sense_is_refused(int components, double epsilon, string reason) =>
        Assert.Contains(reason, Assert.Throws<DataException>(() => TransformPipeline.Fit([new WhitenTransform(components, epsilon)], Table([[1, 2, 3]]))).Message, StringComparison.Ordinal);

    private static float[] Values(TransformPipeline pipeline, int index)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, pipeline.Statistics);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, stream.ToArray());
            using SafetensorsFile file = SafetensorsFile.Open(path);
            TensorEntry entry = file.Tensors[index];
            float[] values = new float[entry.Count];
            file.CopyTo(entry.Name, values);
            return values;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private DataSet Table(float[][] rows)
    {
        TensorData[] tensors =
        [
            TensorData.Of("inputs", [rows.Length, rows[0].Length], rows.SelectMany(row => row).ToArray()),
            TensorData.Of("targets", [rows.Length], new long[rows.Length]),
        ];
        string path = _folder["table.safetensors"];
        AtomicFile.Write(path, 0, stream => SafetensorsWriter.Write(stream, tensors));
        return DataSets.Tensors(path);
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    private static float[] Transformed(TransformPipeline pipeline, DataSet data, int sample)
    {
        float[] output = new float[pipeline.OutputLength];
        fixed (float* pointer = output)
            pipeline.Read(data, sample, pointer, SampleVisit.Evaluation);
        return output;
    }
}
