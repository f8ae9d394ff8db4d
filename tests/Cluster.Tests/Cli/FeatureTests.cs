using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using Lockstep.Cli.Pictures;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary><c>embed</c> and <c>pictures</c>.</summary>
public sealed class FeatureTests : IDisposable
{
    private const string Job = """
        name: saved
        data: { dataset: digits, limit: 100, transforms: [ scale: 1/16 ], validation: { fraction: 0.2 } }
        model: [ flatten, dense: { units: 12, name: hidden }, relu, dense: { units: 10 } ]
        training: { loss: softmaxCrossEntropy, epochs: 1, batch: 32, optimizer: { sgd: { learningRate: 0.1 } } }
        """;

    private readonly CommandLineFixture _cli = new();

    [Fact]
    public async Task Features_of_a_layer_are_what_the_engine_gives_there()
    {
        var run = new SavedRun(_cli.Folder, Job);
        string table = Path.Combine(_cli.Folder, "f.csv"), tensors = Path.Combine(_cli.Folder, "f.safetensors");
        Assert.True(await _cli.RunAsync("embed", run.Path, "training", "--layer", "2", "--output", tensors) == 0, _cli.Error);
        Assert.True(await _cli.RunAsync("embed", run.Path, "training", "--layer", "2", "--output", table, "--threads", "2") == 0, _cli.Error);

        float[] expected = Expected(run, layer: 2);
        using SafetensorsFile file = SafetensorsFile.Open(tensors);
        Assert.Equal([80, 12], file["features"].Shape);
        float[] features = new float[80 * 12];
        file.CopyTo("features", features);
        Assert.Equal(expected, features);
        long[] classes = new long[80];
        file.CopyTo("classes", classes);
        Assert.Equal(Enumerable.Range(0, 80).Select(sample => (long)run.Plan.Data.Training.ClassOf(sample)), classes);

        string[] lines = File.ReadAllLines(table);
        Assert.StartsWith("sample,class,x0,x1,", lines[0], StringComparison.Ordinal);
        Assert.Equal(81, lines.Length);
        string[] cells = lines[80].Split(',');
        Assert.Equal(["79", $"{classes[79]}"], cells[..2]);
        Assert.Equal(expected[(79 * 12)..], cells[2..].Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Features_of_a_file_of_inputs_have_no_classes()
    {
        var run = new SavedRun(_cli.Folder, Job);
        string inputs = Path.Combine(_cli.Folder, "inputs.safetensors"), output = Path.Combine(_cli.Folder, "f.csv");
        using (FileStream stream = File.Create(inputs))
            SafetensorsWriter.Write(stream, [TensorData.Of("inputs", [3, .. run.Plan.Data.Training.InputShape], new float[3 * run.Plan.Data.Training.InputLength])]);
        Assert.True(await _cli.RunAsync("embed", run.Path, inputs, "--layer", "hidden", "--output", output) == 0, _cli.Error);
        string[] lines = File.ReadAllLines(output);
        Assert.StartsWith("sample,x0,", lines[0], StringComparison.Ordinal);
        // Of inputs that are zero a dense layer gives its bias.
        float[] bias = run.Parameters[(int)run.Plan.Network.Layout["hidden.bias"].Offset..][..12];
        Assert.Equal(bias, lines[3].Split(',')[1..].Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("embed RUN validation --layer nowhere --output f.csv", "It has: 0 (flatten), hidden (dense), 2 (relu), 3 (dense)")]
    [InlineData("embed RUN validation --layer 1 --output f.txt", ".safetensors or .csv")]
    [InlineData("pictures RUN --layer 2", "are no pictures")]
    [InlineData("pictures RUN --layer 2 --sample 20", "samples from 0 to 19")]
    public async Task What_there_is_not_is_bad_input(string line, string message)
    {
        var run = new SavedRun(_cli.Folder, Job);
        Assert.Equal(2, await _cli.RunAsync(line.Replace("RUN", run.Path).Split(' ')));
        Assert.Contains(message, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_of_filters_and_features_lie_in_the_runs_folder()
    {
        var run = new SavedRun(_cli.Folder, Job);
        Assert.True(await _cli.RunAsync("pictures", run.Path) == 0, _cli.Error);
        Assert.True(await _cli.RunAsync("pictures", run.Path, "--layer", "hidden", "--sample", "3") == 0, _cli.Error);
        string plots = Path.Combine(run.Path, "plots");
        // 12 tiles of 8×8, four times as large, in 4 columns and 3 rows.
        Assert.Equal((133, 100, 1), Read(File.ReadAllBytes(Assert.Single(Directory.GetFiles(plots, "*-hidden-filters.png")))).Size);
        Assert.Equal((133, 100, 1), Read(File.ReadAllBytes(Assert.Single(Directory.GetFiles(plots, "*-hidden-sample-3.png")))).Size);
    }

    [Fact]
    public void A_grid_shows_zero_as_middle_gray_and_three_channels_in_colour()
    {
        // Two filters of 3 channels, 1×2.
        float[] weights = [1, -1, 0, 0.5f, 0, 0, 0, 0, 0, 0, 0, 0];
        Picture picture = TileGrid.Draw(weights, 2, 3, 1, 2, columns: 2, TileGrid.AroundZero);
        ((int, int, int) size, byte[] samples) = Read(Bytes(picture));
        Assert.Equal((67, 18, 3), size);
        Assert.Equal([255, 128, 128], samples.AsSpan(((1 * 67) + 1) * 3, 3).ToArray());
        Assert.Equal([0, 191, 128], samples.AsSpan(((16 * 67) + 32) * 3, 3).ToArray());
        Assert.Equal([0, 0, 0], samples.AsSpan(((1 * 67) + 33) * 3, 3).ToArray());
        Assert.Equal([128, 128, 128], samples.AsSpan(((1 * 67) + 34) * 3, 3).ToArray());
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_drawn_too()
    {
        Picture picture = TileGrid.Draw([float.NaN, float.PositiveInfinity, -1, 1], 4, 1, 1, 1, 4, TileGrid.AroundZero);
        Assert.Equal(34, picture.Height);
        Assert.Equal(128, picture.Row(1)[1]);
    }

    public void Dispose() => _cli.Dispose();

    private static unsafe float[] Expected(SavedRun run, int layer)
    {
        using var crew = new ComputeCrew(1);
        using Replica replica = run.Plan.CreateReplica(crew);
        using var loader = new MinibatchLoader(run.Plan);
        EvaluationSchedule schedule = run.Plan.ScheduleOf(run.Plan.Data.Training);
        var features = new List<float>();
        using var parameters = new FloatBuffer(run.Parameters.Length);
        run.Parameters.CopyTo(parameters.Span);
        using var output = new FloatBuffer(32 * 12);
        replica.UseParameters(parameters.Pointer, 0);
        for (int i = 0; i < schedule.Count; i++)
        {
            Batch batch = loader.Load(schedule[i]);
            replica.PredictLayer(batch, layer, output.Pointer);
            features.AddRange(output.Slice(0, batch.Count * 12));
        }
        return [.. features];
    }

    private static byte[] Bytes(Picture picture)
    {
        using var stream = new MemoryStream();
        PngFile.Write(stream, picture);
        return stream.ToArray();
    }

    // A reader of its own: signature, chunks with their checksums, rows without a filter.
    private static ((int Width, int Height, int Channels) Size, byte[] Samples) Read(byte[] png)
    {
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        byte[] header = [];
        using var packed = new MemoryStream();
        string last = "";
        for (int at = 8; at < png.Length;)
        {
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            last = System.Text.Encoding.ASCII.GetString(png, at + 4, 4);
            byte[] content = png[(at + 8)..(at + 8 + length)];
            Assert.Equal(Crc32.HashToUInt32(png.AsSpan(at + 4, length + 4)), System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)));
            if (last == "IHDR")
                header = content;
            else if (last == "IDAT")
                packed.Write(content);
            at += length + 12;
        }
        Assert.Equal("IEND", last);
        int width = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header), height = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4));
        Assert.Equal(8, header[8]);
        int channels = header[9] == 2 ? 3 : 1;
        packed.Position = 0;
        using var inflate = new ZLibStream(packed, CompressionMode.Decompress);
        using var rows = new MemoryStream();
        inflate.CopyTo(rows);
        byte[] raw = rows.ToArray();
        Assert.Equal(height * ((width * channels) + 1), raw.Length);
        return ((width, height, channels), [.. Enumerable.Range(0, height).SelectMany(y =>
        {
            Assert.Equal(0, raw[y * ((width * channels) + 1)]);
            return raw[((y * ((width * channels) + 1)) + 1)..((y + 1) * ((width * channels) + 1))];
        })]);
    }
}
