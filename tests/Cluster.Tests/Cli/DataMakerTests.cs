using System.Security.Cryptography;
using Lockstep.Cli.Makers;
using Lockstep.Engine.Data;
using Lockstep.Engine.Randomness;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary><c>data make</c>.</summary>
public sealed class DataMakerTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    [Theory]
    [InlineData("reversal", "d8f45b403b2d2e530237f2f26ce5133e7f497c0bb6884a10787f6d6b8e1f33f5")]
    [InlineData("shapes", "9d6c40009171d4d51ee4e657d4c7a87cd1c9b1b1f214a87a9ca01717c5d5b430")]
    [InlineData("tones", "879fd4ac355d875172148496ec36eee1823e37ac83861b49ca83d31265dc566d")]
    public async Task A_made_data_set_is_the_same_to_the_last_byte_everywhere(string name, string sha256)
    {
        string folder = Path.Combine(_cli.Folder, name);
        Assert.True(await _cli.RunAsync("data", "make", name, folder) == 0, _cli.Error);
        Assert.Equal(sha256, HashOf(folder));
    }

    [Fact]
    public async Task Another_seed_makes_other_files()
    {
        string first = Path.Combine(_cli.Folder, "1"), second = Path.Combine(_cli.Folder, "2");
        Assert.True(await _cli.RunAsync("data", "make", "tones", first) == 0, _cli.Error);
        Assert.True(await _cli.RunAsync("data", "make", "tones", second, "--seed", "2") == 0, _cli.Error);
        Assert.NotEqual(HashOf(first), HashOf(second));
    }

    [Fact]
    public async Task Strings_are_reversed_and_no_held_out_one_is_trained_on()
    {
        string folder = Path.Combine(_cli.Folder, "reversal");
        Assert.True(await _cli.RunAsync("data", "make", "reversal", folder) == 0, _cli.Error);
        string[][] training = Rows(folder, "train.csv"), heldOut = Rows(folder, "held-out.csv");
        Assert.Equal((ReversalMaker.TrainingStrings, ReversalMaker.HeldOutStrings), (training.Length, heldOut.Length));
        string[][] all = [.. training, .. heldOut];
        Assert.All(all, row => Assert.Equal(new string([.. row[0].Reverse()]), row[1]));
        Assert.All(all, row => Assert.InRange(row[0].Length, 10, 20));
        Assert.Equal(all.Length, all.Select(row => row[0]).Distinct().Count());
        Assert.Equal(26, all.SelectMany(row => row[0]).Distinct().Count());
        Assert.Equal(11, all.Select(row => row[0].Length).Distinct().Count());
    }

    [Fact]
    public async Task Pictures_have_one_sentence_each_and_no_held_out_sentence_is_trained_on()
    {
        string folder = Path.Combine(_cli.Folder, "shapes");
        Assert.True(await _cli.RunAsync("data", "make", "shapes", folder) == 0, _cli.Error);
        string[][] training = Rows(folder, "train.csv"), heldOut = Rows(folder, "held-out.csv");
        Assert.Empty(training.Select(row => row[1]).Intersect(heldOut.Select(row => row[1])));
        Assert.Equal(training.Length, Directory.GetFiles(Path.Combine(folder, "train")).Length);
        Assert.Equal(heldOut.Length, Directory.GetFiles(Path.Combine(folder, "held-out")).Length);
        string[] words = [.. heldOut.SelectMany(row => row[1].Split(' ')).Distinct()];
        Assert.Empty(words.Except(training.SelectMany(row => row[1].Split(' '))));
    }

    [Fact]
    public void A_scene_looks_as_its_sentence_says()
    {
        var random = new CounterRandom(7, RandomPurpose.MadeData);
        for (uint i = 0; i < 500; i++)
        {
            var scene = ShapeScene.Draw(random, 0, i);
            (PlacedShape first, PlacedShape second) = (scene.First, scene.Second);
            // Entirely apart in the direction that the sentence names, and overlapping in the other.
            Assert.True(scene.Above ? first.Y + first.Radius < second.Y - second.Radius : first.X + first.Radius < second.X - second.Radius);
            Assert.True(scene.Above ? Math.Abs(first.X - second.X) < first.Radius + second.Radius : Math.Abs(first.Y - second.Y) < first.Radius + second.Radius);
            Lockstep.Cli.Pictures.Picture picture = scene.Paint(random, 2, i);
            foreach (PlacedShape shape in (PlacedShape[])[first, second])
            {
                Assert.InRange(shape.X - shape.Radius, 0, ShapeScene.Side - 1 - (2 * shape.Radius));
                Assert.InRange(shape.Y - shape.Radius, 0, ShapeScene.Side - 1 - (2 * shape.Radius));
                byte[] centre = picture.Row(shape.Y).Slice(shape.X * 3, 3).ToArray();
                string seen = (centre[0] > 128, centre[1] > 128, centre[2] > 128) switch
                {
                    (true, false, false) => "red",
                    (false, true, false) => "green",
                    (false, false, true) => "blue",
                    (true, true, false) => "yellow",
                    _ => "none",
                };
                Assert.Contains($" {seen} ", shape.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Made_pictures_are_read_as_they_were_painted()
    {
        string folder = Path.Combine(_cli.Folder, "shapes");
        Assert.True(await _cli.RunAsync("data", "make", "shapes", folder) == 0, _cli.Error);
        Job job = JobFile.Parse(
            """
            name: captions
            data: { captions: { images: shapes/held-out, table: shapes/held-out.csv, size: 32 } }
            model: { encoder: [ flatten, dense: { units: 4 } ], decoder: [ embedding: { size: 4 }, lstm: { units: 4 }, dense: { units: 15 } ] }
            training: { loss: softmaxCrossEntropy, epochs: 1, batch: 32, optimizer: { sgd: { learningRate: 0.1 } } }
            """, "job.yaml");
        DataSet data = DataSets.Load(job.DataSpec(JobSource.OfFolder(_cli.Folder)), new Lockstep.Engine.Data.Named.DataFolders(null, null)).Training;
        Assert.Equal([3, 32, 32], data.InputShape);
        float[] pixels = Input(data, 0);
        Assert.Equal(24, pixels.Min(), 1e-6f);
        Assert.InRange(pixels.Max(), 190, 236);
    }

    [Fact]
    public async Task A_tone_is_where_its_class_says_and_classes_are_about_equally_many()
    {
        string folder = Path.Combine(_cli.Folder, "tones");
        Assert.True(await _cli.RunAsync("data", "make", "tones", folder) == 0, _cli.Error);
        DataSet data = DataSets.Tensors(Path.Combine(folder, "train.safetensors"));
        Assert.Equal([TonesMaker.Frames, TonesMaker.Bands], data.InputShape);
        Assert.Equal(TonesMaker.Classes, data.ClassCount);
        int[] counts = [.. Enumerable.Range(0, TonesMaker.Classes).Select(kind => Enumerable.Range(0, data.Count).Count(sample => data.ClassOf(sample) == kind))];
        Assert.All(counts, count => Assert.InRange(count, data.Count / 5 * 0.9, data.Count / 5 * 1.1));
    }

    [Theory]
    [InlineData("data make tunes FOLDER/new", "There are reversal, shapes, tones.")]
    [InlineData("data make tones FOLDER", "is not empty, and nothing is overwritten")]
    [InlineData("data make tones FOLDER/digits.yaml", "is a file")]
    public async Task What_cannot_be_made_is_bad_input(string line, string message)
    {
        Assert.Equal(2, await _cli.RunAsync(line.Replace("FOLDER", _cli.Folder).Split(' ')));
        Assert.Contains(message, _cli.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();

    private static unsafe float[] Input(DataSet data, int sample)
    {
        float[] input = new float[data.InputLength];
        fixed (float* numbers = input)
            data.CopyInput(sample, numbers);
        return input;
    }

    private static string[][] Rows(string folder, string table) => [.. File.ReadAllLines(Path.Combine(folder, table)).Skip(1).Select(line => line.Split(','))];

    // Of all files in the order of their names, each with its name.
    private static string HashOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(File.ReadAllBytes(Path.Combine(folder, name)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
