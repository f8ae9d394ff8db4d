using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Lockstep.Engine.Serialization;

namespace Lockstep.Engine.Tests.Serialization;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_written_file_has_these_bytes()
    {
        using var stream = new MemoryStream();
        string hash = SafetensorsWriter.Write(
            stream,
            [
                TensorData.Of("é", [], new float[] { 1 }),
                TensorData.Of("z", [2, 1], new float[] { -0f, float.NaN }),
                TensorData.Of("a\"\\\n", [1], new long[] { -2 }),
                TensorData.Of("none", [0, 3], ReadOnlyMemory<float>.Empty),
            ],
            new Dictionary<string, string> { ["b"] = "2", ["B"] = "1" });

        const string header =
            """{"__metadata__":{"B":"1","b":"2"},"a\"\\\u000a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"none":{"dtype":"F32","shape":[0,3],"data_offsets":[8,8]},"z":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]},"é":{"dtype":"F32","shape":[],"data_offsets":[16,20]}}""";
        byte[] text = Encoding.UTF8.GetBytes(header);
        int padded = (text.Length + 7) / 8 * 8;
        byte[] expected =
        [
            .. BitConverter.IsLittleEndian ? BitConverter.GetBytes((long)padded) : BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness((long)padded)),
            .. text,
            .. Enumerable.Repeat((byte)' ', padded - text.Length),
            0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            0, 0, 0, 0x80, 0, 0, 0xC0, 0xFF,
            0, 0, 0x80, 0x3F,
        ];
        Assert.Equal(expected, stream.ToArray());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(expected)), hash);
    }

    [Fact]
    public void An_empty_file_is_sound()
    {
        using SafetensorsFile file = SafetensorsFile.Open(_folder.Write("empty", Bytes([])));
        Assert.Empty(file.Tensors);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Equal_tensors_give_equal_files_in_whatever_order_they_come()
    {
        TensorData[] tensors = [.. Enumerable.Range(0, 20).Select(i => TensorData.Of($"{i}.weight", [i], new float[i]))];
        Assert.Equal(Bytes(tensors), Bytes([.. tensors.Reverse()]));
    }

    [Fact]
    public void The_measure_is_the_length_of_the_file()
    {
        TensorData[] tensors = [TensorData.Of("a", [3], new float[3]), TensorData.Of("b", [5], new byte[5])];
        var metadata = new Dictionary<string, string> { ["key"] = "value" };
        Assert.Equal(Bytes(tensors, metadata).Length, SafetensorsWriter.Measure(tensors, metadata));
    }

    [Fact]
    public void Every_type_comes_back_as_it_was_written() =>
        Gen.Select(Gen.Float.Array[0, 40], Gen.Double.Array[0, 40], Gen.Long.Array[0, 40], Gen.Int.Array[0, 40], Gen.Byte.Array[0, 40]).Sample(
            (floats, doubles, longs, ints, bytes) =>
            {
                using SafetensorsFile file = SafetensorsFile.Open(_folder.Write("types", Bytes(
                [
                    TensorData.Of("floats", [floats.Length], floats),
                    TensorData.Of("doubles", [1, doubles.Length], doubles),
                    TensorData.Of("longs", [longs.Length, 1], longs),
                    TensorData.Of("ints", [ints.Length], ints),
                    TensorData.Of("bytes", [bytes.Length], bytes),
                ])));
                float[] readFloats = new float[floats.Length];
                double[] readDoubles = new double[doubles.Length];
                file.CopyTo("floats", readFloats);
                file.CopyTo("doubles", readDoubles);
                Assert.Equal(floats.Select(BitConverter.SingleToInt32Bits), readFloats.Select(BitConverter.SingleToInt32Bits));
                Assert.Equal(doubles.Select(BitConverter.DoubleToInt64Bits), readDoubles.Select(BitConverter.DoubleToInt64Bits));
                Assert.Equal(longs, Longs(file, "longs"));
                Assert.Equal(ints.Select(value => (long)value), Longs(file, "ints"));
                Assert.Equal(bytes.Select(value => (long)value), Longs(file, "bytes"));
            },
            threads: 1,
            iter: 100);

    [Fact]
    public unsafe void Native_memory_larger_than_a_part_is_written_and_read_in_runs()
    {
        float[] numbers = [.. Enumerable.Range(0, 300_001).Select(i => (float)i)];
        byte[] written;
        fixed (float* pointer = numbers)
            written = Bytes([TensorData.Of("x", [300_001], pointer)]);
        using SafetensorsFile file = SafetensorsFile.Open(_folder.Write("large", written));
        float[] read = new float[numbers.Length];
        file.CopyTo("x", read);
        Assert.Equal(numbers, read);
        float[] run = new float[3];
        file.CopyRunTo("x", 299_998, run);
        Assert.Equal([299_998f, 299_999f, 300_000f], run);
        Assert.Throws<SafetensorsException>(() => file.CopyRunTo("x", 299_999, run));
    }

    /// <remarks>The file was written by PyTorch 1.13 arrays and Python's json and struct modules: names sorted, header padded with spaces.</remarks>
    [Fact]
    public void A_file_of_an_independent_writer_is_read()
    {
        using SafetensorsFile file = SafetensorsFile.Open(Independent);
        Assert.Equal(13, file.Tensors.Count);
        Assert.Equal("PyTorch 1.13.0a0, float64", file.Metadata["oracle"]);
        Assert.Equal([7, 1], file["in.y"].Shape);
        Assert.Empty(file["loss"].Shape);
        float[] y = new float[7];
        file.CopyTo("in.y", y);
        Assert.All(y, value => Assert.Equal(1, value));
        float[] weight = new float[4];
        file.CopyTo("w0.0.weight", weight);
        Assert.Equal([-0.13394403457641602f, 0.26517772674560547f, -0.34583038091659546f, -0.19837675988674164f], weight);
    }

    [Fact]
    public void A_file_of_an_independent_writer_is_written_again_byte_for_byte()
    {
        using SafetensorsFile file = SafetensorsFile.Open(Independent);
        TensorData[] tensors = [.. file.Tensors.Select(tensor =>
        {
            float[] numbers = new float[tensor.Count];
            file.CopyTo(tensor.Name, numbers);
            return TensorData.Of(tensor.Name, tensor.Shape, numbers);
        })];
        Assert.Equal(File.ReadAllBytes(Independent), Bytes(tensors, file.Metadata));
    }

    [Theory]
    [InlineData("", 0, "does not begin with '{'")]
    [InlineData(" {}", 0, "does not begin with '{'")]
    [InlineData("{", 0, "is not the JSON")]
    [InlineData("{} x", 0, "is not the JSON")]
    [InlineData("{}", 1, "cover only 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "comes twice")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "comes twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks one of")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", 4, "does not know")]
    [InlineData("""{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}""", 2, "half-precision")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole number from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "whole number from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483648],"data_offsets":[0,4]}}""", 4, "longer than")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,4],"data_offsets":[0,4]}}""", 4, "more bytes than a file can")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "needs 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "more than 2 numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "leaves a gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "cut off")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "String was expected")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "is not Unicode")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", 4, "whole number from 0")]
    public void A_bad_header_is_refused_with_its_reason(string header, int dataLength, string reason)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + text.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
        text.CopyTo(file, 8);
        string path = _folder.Write("bad", file);
        var fault = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_longer_than_the_file_or_the_limit_is_refused_before_memory_is_taken()
    {
        foreach (ulong length in new[] { 9ul, 100_000_001ul, (ulong)long.MaxValue, ulong.MaxValue })
        {
            byte[] file = new byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(file, length);
            Assert.Contains("header", Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder.Write("long", file))).Message, StringComparison.Ordinal);
        }
        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder.Write("short", new byte[7])));
    }

    [Fact]
    public void A_missing_file_a_missing_tensor_and_a_wrong_type_are_named()
    {
        Assert.Contains("cannot be read", Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder["missing"])).Message, StringComparison.Ordinal);
        using SafetensorsFile file = SafetensorsFile.Open(_folder.Write("one", Bytes([TensorData.Of("here", [1], new long[1])])));
        Assert.Contains("'here'", Assert.Throws<SafetensorsException>(() => file["there"]).Message, StringComparison.Ordinal);
        Assert.Contains("F32", Assert.Throws<SafetensorsException>(() => file.CopyTo("here", new float[1])).Message, StringComparison.Ordinal);
        Assert.Contains("asked for", Assert.Throws<SafetensorsException>(() => file.CopyTo("here", new long[2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_refused_by_name_or_harmless()
    {
        byte[] sound = Bytes(
            [TensorData.Of("0.weight", [2, 3], new float[6]), TensorData.Of("classes", [4], new long[4])],
            new Dictionary<string, string> { ["note"] = "n" });
        Mutation.Of(sound).Sample(
            bytes =>
            {
                try
                {
                    using SafetensorsFile file = SafetensorsFile.Open(_folder.Write("fuzz", bytes));
                    foreach (TensorEntry tensor in file.Tensors.Where(tensor => tensor.Type == TensorType.F32))
                        file.CopyTo(tensor.Name, new float[tensor.Count]);
                }
                catch (SafetensorsException)
                {
                    // The one way in which a damaged file may be refused.
                }
            },
            threads: 1,
            iter: 3_000);
    }

    [Fact]
    public void What_readers_would_refuse_is_not_written()
    {
        TensorData one = TensorData.Of("same", [1], new float[1]);
        Assert.Throws<ArgumentException>(() => Bytes([one, TensorData.Of("same", [1], new long[1])]));
        Assert.Throws<ArgumentException>(() => Bytes([TensorData.Of("__metadata__", [1], new float[1])]));
        Assert.Throws<ArgumentException>(() => Bytes([TensorData.Of("\ud800", [1], new float[1])]));
        Assert.Throws<ArgumentException>(() => TensorData.Of("x", [2], new float[1]));
    }

    private static string Independent => Path.Combine(AppContext.BaseDirectory, "Serialization", "Files", "independent-writer.safetensors");

    private static byte[] Bytes(TensorData[] tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    private static long[] Longs(SafetensorsFile file, string name)
    {
        long[] numbers = new long[file[name].Count];
        file.CopyTo(name, numbers);
        return numbers;
    }
}
