using System.Security.Cryptography;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Images;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed class ImageDecoderTests
{
    [Theory]
    [MemberData(nameof(ImageSamples.Jpegs), MemberType = typeof(ImageSamples))]
    public void A_JPEG_file_has_the_pixels_that_the_reference_decoder_gives_it(string how, byte[] file, string hash)
    {
        Picture picture = ImageFile.Decode(file, how);
        Assert.Equal((19, 13), (picture.Width, picture.Height));
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(picture.Pixels)));
    }

    [Fact]
    public void A_PNG_file_has_the_pixels_that_were_written()
    {
        Picture picture = ImageFile.Decode(ImageSamples.Png, "png");
        Assert.Equal((4, 5), (picture.Width, picture.Height));
        for (int i = 0; i < 20; i++)
            Assert.Equal([(byte)(60 * (i % 4) + 7 * (i / 4)), (byte)(9 * (i % 4) * (i % 4) + 3 * (i / 4)), (byte)(255 - 11 * (i % 4) - 5 * (i / 4))], picture.Pixels.AsSpan(3 * i, 3).ToArray());
    }

    public static TheoryData<int, int> Kinds => new()
    {
        { 0, 1 }, { 0, 2 }, { 0, 4 }, { 0, 8 }, { 0, 16 }, { 2, 8 }, { 2, 16 }, { 3, 1 }, { 3, 2 }, { 3, 4 }, { 3, 8 }, { 4, 8 }, { 4, 16 }, { 6, 8 }, { 6, 16 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void PNG_files_of_every_kind_size_and_filter_come_back(int colour, int depth) =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.Bool, Gen.Int[0, 1 << 20]).Sample(
            (width, height, interlaced, seed) =>
            {
                var random = new Random(seed);
                int channels = colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
                int[] samples = [.. Enumerable.Range(0, width * height * channels).Select(_ => random.Next(1 << depth))];
                byte[]? palette = colour == 3 ? [.. Enumerable.Range(0, 3 << depth).Select(i => (byte)(i * 37))] : null;
                Picture picture = ImageFile.Decode(PngWriter.Write(width, height, colour, depth, interlaced, samples, palette, _ => random.Next(5)), "png");
                Assert.Equal((width, height), (picture.Width, picture.Height));
                for (int pixel = 0; pixel < width * height; pixel++)
                {
                    for (int channel = 0; channel < 3; channel++)
                    {
                        int sample = samples[pixel * channels + (channels >= 3 ? channel : 0)];
                        int expected = colour == 3 ? (byte)((3 * sample + channel) * 37) : depth == 16 ? sample >> 8 : sample * 255 / ((1 << depth) - 1);
                        Assert.Equal(expected, picture.Pixels[pixel * 3 + channel]);
                    }
                }
            },
            iter: 40);

    [Fact]
    public void A_file_that_is_cut_off_anywhere_is_refused()
    {
        foreach (byte[] file in ImageSamples.Jpegs.Select(row => (byte[])row[1]).Append(ImageSamples.Png).Append(PngWriter.Write(9, 9, 2, 8, true, new int[243])))
        {
            for (int length = 0; length < file.Length; length += 1 + length / 100)
                Assert.Throws<DataException>(() => ImageFile.Decode(file[..length], "cut"));
        }
    }

    [Theory]
    [InlineData("GIF89a", "neither a PNG nor a JPEG")]
    [InlineData("", "neither a PNG nor a JPEG")]
    public void Other_files_are_refused(string content, string reason) =>
        Assert.Contains(reason, Assert.Throws<DataException>(() => ImageFile.Decode(System.Text.Encoding.ASCII.GetBytes(content), "x")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_image_that_claims_too_much_is_refused_before_there_is_memory_for_it()
    {
        byte[] header = [0, 0, 0x7F, 0xFF, 0, 0, 0x7F, 0xFF, 8, 2, 0, 0, 0];
        byte[] file = [.. ImageSamples.Png[..8], .. PngWriter.Chunk("IHDR", header)];
        Assert.Contains("32767×32767", Assert.Throws<DataException>(() => ImageFile.Decode(file, "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_claims_more_pixels_than_its_bytes_can_hold_costs_no_memory()
    {
        byte[] header = [0, 0, 0x20, 0, 0, 0, 0x20, 0, 8, 2, 0, 0, 0];
        byte[] png = [.. ImageSamples.Png[..8], .. PngWriter.Chunk("IHDR", header), .. PngWriter.Chunk("IDAT", new byte[20]), .. PngWriter.Chunk("IEND", [])];
        byte[] jpeg = [.. (byte[])ImageSamples.Jpegs.First()[1]];
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) is >= 0 and int at ? at : jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC2]);
        (jpeg[frame + 5], jpeg[frame + 7]) = (0x20, 0x20);
        foreach (byte[] file in (byte[][])[png, jpeg])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<DataException>(() => ImageFile.Decode(file, "x"));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void Faults_of_PNG_files_are_told()
    {
        byte[] wrong = (byte[])ImageSamples.Png.Clone();
        wrong[20]++;
        Assert.Contains("checksum", Fault(wrong), StringComparison.Ordinal);
        Assert.Contains("palette has not", Fault(PngWriter.Write(1, 1, 3, 8, false, [2], [1, 2, 3])), StringComparison.Ordinal);
        Assert.Contains("filter 7", Fault(PngWriter.Write(1, 1, 0, 8, false, [2], filter: _ => 7)), StringComparison.Ordinal);
        Assert.Contains("colour type 5", Fault(PngWriter.Write(1, 1, 5, 8, false, [2])), StringComparison.Ordinal);

        static string Fault(byte[] file) => Assert.Throws<DataException>(() => ImageFile.Decode(file, "x")).Message;
    }

    [Fact]
    public void Damage_is_refused_by_name_or_decoded_twice_alike()
    {
        byte[][] files = [.. ImageSamples.Jpegs.Select(row => (byte[])row[1]), ImageSamples.Png];
        Gen.OneOf([.. files.Select(Mutation.Of)]).Sample(
            bytes =>
            {
                try
                {
                    Assert.Equal(ImageFile.Decode(bytes, "fuzz").Pixels, ImageFile.Decode(bytes, "fuzz").Pixels);
                }
                catch (DataException)
                {
                    // The one way in which a damaged file may be refused.
                }
            },
            iter: 5_000);
    }
}
