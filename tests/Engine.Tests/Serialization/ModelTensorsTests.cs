using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Serialization;

/// <summary>How models stand in files: with PyTorch's pair of biases where a layer is recurrent.</summary>
public sealed unsafe class ModelTensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly Network _network = Network.Build(
        [
            new EmbeddingSpec(3, 7) { Name = "bias_ih_l0" }, new LstmSpec(4, 2, PeepholeKind.Diagonal) { Name = "lstm" }, new GruSpec(5),
            new GruSpec(6, 2, ResetAfter: true) { Name = "after" }, new DenseSpec(2),
        ],
        new Shape(3));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_read_bit_for_bit_as_it_was_written()
    {
        using FloatBuffer written = Numbers();
        // A bias may well be -0.
        written.Slice(_network.Layout["lstm.bias_ih_l1"].Offset, 4).Fill(-0f);
        written.Slice(_network.Layout["after.bias_hn_l0"].Offset, 4).Fill(-0f);
        using SafetensorsFile file = Write(ModelTensors.Of(_network.Layout, written.Pointer));
        using FloatBuffer read = Read(file);
        foreach (ParameterView parameter in _network.Layout.Model)
            Assert.Equal(Of(written, parameter.Name), Of(read, parameter.Name), (a, b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b));
    }

    [Fact]
    public void A_file_has_the_names_and_shapes_that_PyTorch_gives_them()
    {
        using FloatBuffer written = Numbers();
        using SafetensorsFile file = Write(ModelTensors.Of(_network.Layout, written.Pointer));
        Assert.Equal(
            [
                "2.bias_hh_l0 [15]", "2.bias_ih_l0 [15]", "2.weight_hh_l0 [15, 5]", "2.weight_ih_l0 [15, 4]", "4.bias [2]", "4.weight [2, 6]",
                "after.bias_hh_l0 [18]", "after.bias_hh_l1 [18]", "after.bias_ih_l0 [18]", "after.bias_ih_l1 [18]",
                "after.weight_hh_l0 [18, 6]", "after.weight_hh_l1 [18, 6]", "after.weight_ih_l0 [18, 5]", "after.weight_ih_l1 [18, 6]",
                "bias_ih_l0.weight [7, 3]",
                "lstm.bias_hh_l0 [16]", "lstm.bias_hh_l1 [16]", "lstm.bias_ih_l0 [16]", "lstm.bias_ih_l1 [16]",
                "lstm.peephole_f_l0 [4]", "lstm.peephole_f_l1 [4]", "lstm.peephole_i_l0 [4]", "lstm.peephole_i_l1 [4]", "lstm.peephole_o_l0 [4]", "lstm.peephole_o_l1 [4]",
                "lstm.weight_hh_l0 [16, 4]", "lstm.weight_hh_l1 [16, 4]", "lstm.weight_ih_l0 [16, 3]", "lstm.weight_ih_l1 [16, 4]",
            ],
            file.Tensors.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]").Order(StringComparer.Ordinal));
        Assert.All(Of(file, "lstm.bias_hh_l1", 16), number => Assert.Equal(0, number));
        Assert.Equal([.. new float[12], .. Of(written, "after.bias_hn_l1")], Of(file, "after.bias_hh_l1", 18));
        Assert.Equal(file.Tensors.Sum(tensor => tensor.Shape.Aggregate(1L, (product, axis) => product * axis)), _network.Layout.ParameterCount - 12 + ModelTensors.AddedLength(_network.Layout));
    }

    [Fact]
    public void Of_a_file_with_two_biases_the_sum_is_read()
    {
        using FloatBuffer numbers = Numbers();
        float[] ih = Of(numbers, "after.weight_ih_l0")[..18], hh = Of(numbers, "after.weight_hh_l0")[..18];
        using SafetensorsFile file = Write(
        [
            TensorData.Of("after.bias_ih_l0", [18], ih), TensorData.Of("after.bias_hh_l0", [18], hh),
            TensorData.Of("2.bias_ih_l0", [15], ih.AsMemory(0, 15)), TensorData.Of("2.bias_hh_l0", [15], hh.AsMemory(0, 15)),
        ]);
        Assert.Equal(ih[..15].Zip(hh, (a, b) => a + b), ReadOne(file, "2.bias_ih_l0"));
        // The last third stands inside the reset gate, so it stays apart.
        Assert.Equal([.. ih[..12].Zip(hh, (a, b) => a + b), .. ih[12..]], ReadOne(file, "after.bias_ih_l0"));
        Assert.Equal(hh[12..], ReadOne(file, "after.bias_hn_l0"));
    }

    [Fact]
    public void A_file_with_one_bias_is_read_as_it_is()
    {
        using FloatBuffer numbers = Numbers();
        float[] ih = Of(numbers, "after.weight_ih_l0")[..18];
        using SafetensorsFile file = Write([TensorData.Of("after.bias_ih_l0", [18], ih), TensorData.Of("after.bias_hn_l0", [6], ih.AsMemory(3, 6))]);
        Assert.Equal(ih, ReadOne(file, "after.bias_ih_l0"));
        Assert.Equal(ih[3..9], ReadOne(file, "after.bias_hn_l0"));
    }

    [Fact]
    public void What_a_file_lacks_is_asked_for_by_the_name_that_it_would_have()
    {
        using SafetensorsFile file = Write([TensorData.Of("after.bias_hh_l1", [4], new float[4])]);
        Assert.Equal("after.bias_hn_l0", Assert.Single(ModelTensors.SourcesOf(file, _network.Layout["after.bias_hn_l0"])).Name);
        ModelTensors.Needed whole = Assert.Single(ModelTensors.SourcesOf(file, _network.Layout["after.bias_hn_l1"]));
        Assert.Equal("after.bias_hh_l1", whole.Name);
        Assert.Equal([18], whole.Shape);
    }

    private float[] ReadOne(SafetensorsFile file, string name)
    {
        float[] read = new float[_network.Layout[name].Length];
        ModelTensors.Read(file, _network.Layout, _network.Layout[name], read);
        return read;
    }

    private FloatBuffer Read(SafetensorsFile file)
    {
        var read = new FloatBuffer(_network.Layout.Length);
        foreach (ParameterView parameter in _network.Layout.Model)
        {
            foreach (ModelTensors.Needed source in ModelTensors.SourcesOf(file, parameter))
                Assert.Equal(source.Shape, file[source.Name].Shape);
            ModelTensors.Read(file, _network.Layout, parameter, read.Slice(parameter.Offset, (int)parameter.Length));
        }
        return read;
    }

    private SafetensorsFile Write(IReadOnlyCollection<TensorData> tensors)
    {
        string path = _folder["model.safetensors"];
        AtomicFile.Write(path, SafetensorsWriter.Measure(tensors), stream => SafetensorsWriter.Write(stream, tensors));
        return SafetensorsFile.Open(path);
    }

    private FloatBuffer Numbers()
    {
        var numbers = new FloatBuffer(_network.Layout.Length);
        _network.Initialize(numbers.Pointer, 3);
        return numbers;
    }

    private float[] Of(FloatBuffer numbers, string name) => numbers.Slice(_network.Layout[name].Offset, (int)_network.Layout[name].Length).ToArray();

    private static float[] Of(SafetensorsFile file, string name, int length)
    {
        float[] numbers = new float[length];
        file.CopyTo(name, numbers);
        return numbers;
    }
}
