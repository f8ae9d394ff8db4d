using System.Numerics;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Images;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_square_is_the_exactly_rounded_weighted_mean() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[1, 9], Gen.Byte.Array[432]).Sample(
            (width, height, size, pixels) =>
            {
                byte[] square = new byte[3 * size * size];
                ImageResize.ToSquare(new Picture(width, height, pixels), size, square);
                for (int i = 0; i < square.Length; i++)
                    Assert.Equal(Naive(pixels, width, height, size, i / size / size, i / size % size, i % size), square[i]);
            },
            iter: 300);

    [Fact]
    public void An_image_of_the_right_size_stays_and_one_colour_stays_one_colour()
    {
        byte[] pixels = [.. Enumerable.Range(0, 5 * 7 * 3).Select(i => (byte)(i * 11))];
        byte[] square = new byte[3 * 25];
        ImageResize.ToSquare(new Picture(7, 5, pixels), 5, square);
        for (int i = 0; i < square.Length; i++)
            Assert.Equal(pixels[(i / 5 % 5 * 7 + i % 5 + 1) * 3 + i / 25], square[i]);

        byte[] white = new byte[3 * 49];
        ImageResize.ToSquare(new Picture(13, 29, [.. Enumerable.Repeat((byte)255, 13 * 29 * 3)]), 7, white);
        Assert.All(white, value => Assert.Equal(255, value));
    }

    [Fact]
    public void Classes_and_images_are_in_the_order_of_their_names()
    {
        Place("set/dog/b.png", 4);
        Place("set/dog/a.png", 3);
        Place("set/Zebra/x.png", 2);
        Place("set/Zebra/.thumbnail", 9);
        Place("set/.cache/x.png", 9);
        _folder.Write("set/notes.txt", "files beside the folders are none of the data");
        DataSet data = DataSets.Images(_folder["set"], 2);
        Assert.Equal(["Zebra", "dog"], data.ClassNames);
        Assert.Equal([0, 1, 1], data.Classes());
        Assert.Equal([3, 2, 2], data.InputShape);
        Assert.Equal([2f, 3, 4], Enumerable.Range(0, 3).Select(sample => data.Input(sample)[0]));
        Assert.Equal([3f, 3, 3, 3, 103, 103, 103, 103, 203, 203, 203, 203], data.Input(1));
    }

    [Fact]
    public void The_last_part_of_each_class_is_for_validation()
    {
        for (byte i = 0; i < 10; i++)
            Place($"set/a/{i}.png", i);
        for (byte i = 0; i < 4; i++)
            Place($"set/b/{i}.png", (byte)(20 + i));
        DataParts parts = DataSets.Load(new DataSpec(new ImagesSource(_folder["set"], 1)) { Validation = new FractionValidation(0.3) }, new(null, null));
        Assert.NotNull(parts.Validation);
        Assert.Equal([7f, 8, 9, 23], Enumerable.Range(0, 4).Select(sample => parts.Validation.Input(sample)[0]));
        Assert.Equal([0f, 1, 2, 3, 4, 5, 6, 20, 21, 22], Enumerable.Range(0, 10).Select(sample => parts.Training.Input(sample)[0]));
        Assert.Equal([0, 0, 0, 1], parts.Validation.Classes());
    }

    [Fact]
    public void Which_class_an_image_is_in_is_part_of_the_data()
    {
        Place("one/a/1.png", 1);
        Place("one/b/2.png", 2);
        Place("two/a/1.png", 1);
        Place("two/c/2.png", 2);
        Place("three/a/other.png", 1);
        Place("three/b/2.png", 2);
        string one = DataSets.Images(_folder["one"], 1).Fingerprint;
        Assert.NotEqual(one, DataSets.Images(_folder["two"], 1).Fingerprint);
        Assert.Equal(one, DataSets.Images(_folder["three"], 1).Fingerprint);
    }

    [Fact]
    public void Faults_are_told()
    {
        Assert.Contains("cannot be read", Fault(() => DataSets.Images(_folder["missing"], 1)), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("no folders", Fault(() => DataSets.Images(_folder["empty"], 1)), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["hollow/a"]);
        Assert.Contains("is empty", Fault(() => DataSets.Images(_folder["hollow"], 1)), StringComparison.Ordinal);
        string text = _folder.Write("mixed/a/readme.txt", "no image");
        string message = Fault(() => DataSets.Images(_folder["mixed"], 1));
        Assert.StartsWith(text, message, StringComparison.Ordinal);
        Assert.Contains("neither a PNG nor a JPEG", message, StringComparison.Ordinal);

        static string Fault(Func<object> read) => Assert.Throws<DataException>(() => read()).Message;
    }

    private void Place(string name, byte red) =>
        _folder.Write(name, PngWriter.Write(3, 3, 2, 8, false, [.. Enumerable.Range(0, 27).Select(i => red + i % 3 * 100)]));

    /// <summary>Weights as exact fractions of the triangle's formula, first along rows to 1/256, then along columns.</summary>
    private static byte Naive(byte[] pixels, int width, int height, int size, int channel, int y, int x)
    {
        int shorter = Math.Min(width, height);
        int scaledWidth = (int)Math.Floor((decimal)size * width / shorter + 0.5m), scaledHeight = (int)Math.Floor((decimal)size * height / shorter + 0.5m);
        var (rowSum, rowTotal) = (BigInteger.Zero, BigInteger.Zero);
        for (int from = 0; from < height; from++)
        {
            BigInteger weight = Weight(from, y + (scaledHeight - size) / 2, height, scaledHeight);
            var (sum, total) = (BigInteger.Zero, BigInteger.Zero);
            for (int column = 0; column < width; column++)
            {
                BigInteger across = Weight(column, x + (scaledWidth - size) / 2, width, scaledWidth);
                sum += across * pixels[(from * width + column) * 3 + channel];
                total += across;
            }
            rowSum += weight * ((sum * 256 + total / 2) / total);
            rowTotal += weight;
        }
        return (byte)((rowSum + rowTotal * 128) / (rowTotal * 256));

        // The triangle of half-width max(1, old/new) around (i + ½)·old/new − ½, times 2·new.
        static BigInteger Weight(int old, int made, int before, int after)
        {
            long distance = Math.Abs((2L * old + 1) * after - (2L * made + 1) * before);
            return Math.Max(0, 2L * Math.Max(before, after) - distance);
        }
    }
}
