using System.Text.Json;
using System.Text.Unicode;

namespace Lockstep.Engine.Serialization;

/// <summary>
/// The JSON header of a safetensors file: strings to strings under <c>__metadata__</c>, and for every tensor
/// <c>{"dtype", "shape", "data_offsets": [begin, end]}</c>. Nothing in it is believed: a key that comes twice, a key
/// that the format does not know, a product that overflows, a gap, an overlap or a byte that no tensor owns is refused.
/// </summary>
/// <remarks>Format: the safetensors project's README, section "Format".</remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>The largest header that is read, the limit of the format's reference implementation.</summary>
    public const int MaximumLength = 100_000_000;

    private const int MaximumAxes = 32;
    private const string Damaged = "The file is damaged or not a safetensors file: write or fetch it again.";

    private readonly string _path;
    private readonly List<TensorEntry> _tensors = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path) => _path = path;

    public IReadOnlyList<TensorEntry> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <param name="json">The header, without its length.</param>
    /// <param name="dataLength">How many bytes follow the header.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="SafetensorsException">The header is not one, or does not fit the data.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string path)
    {
        var header = new SafetensorsHeader(path);
        if (json.IsEmpty || json[0] != (byte)'{')
            throw header.Fault("The header does not begin with '{'.");
        if (!Utf8.IsValid(json))
            throw header.Fault("The header is not UTF-8.");
        try
        {
            header.Read(json);
        }
        catch (JsonException fault)
        {
            throw new SafetensorsException(path, $"The header is not the JSON that the format asks for: {fault.Message}", Damaged, fault);
        }
        header.CheckCover(dataLength);
        return header;
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        reader.Read();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (NextName(ref reader, names, "the header") is { } name)
        {
            if (name == "__metadata__")
                ReadMetadata(ref reader);
            else
                _tensors.Add(ReadTensor(ref reader, name));
        }
        // Anything but white space after the last brace is an error of the reader's.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "__metadata__");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (NextName(ref reader, keys, "__metadata__") is { } key)
        {
            Expect(ref reader, JsonTokenType.String, $"__metadata__ '{key}'");
            _metadata.Add(key, Text(ref reader));
        }
    }

    private TensorEntry ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string place = $"tensor '{name}'";
        Expect(ref reader, JsonTokenType.StartObject, place);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        TensorType? type = null;
        List<long>? axes = null, offsets = null;
        while (NextName(ref reader, keys, place) is { } key)
        {
            switch (key)
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, place);
                    type = TypeNamed(Text(ref reader), place);
                    break;
                case "shape":
                    axes = ReadNumbers(ref reader, MaximumAxes, $"the shape of {place}");
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, 2, $"data_offsets of {place}");
                    break;
                default:
                    throw Fault($"The header of {place} has the key '{key}', which the format does not know.");
            }
        }
        if (type is null || axes is null || offsets is not { Count: 2 })
            throw Fault($"The header of {place} lacks one of dtype, shape and data_offsets.");
        return Checked(name, type.Value, axes, offsets[0], offsets[1]);
    }

    private TensorEntry Checked(string name, TensorType type, List<long> axes, long begin, long end)
    {
        if (axes.Any(axis => axis > int.MaxValue))
            throw Fault($"Tensor '{name}' has an axis longer than {int.MaxValue}.");
        long count = 1;
        long bytes;
        try
        {
            foreach (long axis in axes)
                count = checked(count * axis);
            bytes = checked(count * type.Size());
        }
        catch (OverflowException fault)
        {
            throw new SafetensorsException(_path, $"Tensor '{name}' of shape [{string.Join(", ", axes)}] has more bytes than a file can.", Damaged, fault);
        }
        if (end < begin || end - begin != bytes)
            throw Fault($"Tensor '{name}' of {type} [{string.Join(", ", axes)}] needs {bytes} bytes, but its data_offsets are [{begin}, {end}].");
        return new TensorEntry(name, type, [.. axes.Select(axis => (int)axis)], count, begin);
    }

    /// <summary>The tensors must cover the data without gap or overlap, from its first byte to its last.</summary>
    private void CheckCover(long dataLength)
    {
        long covered = 0;
        foreach (TensorEntry tensor in _tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Bytes))
        {
            if (tensor.Offset != covered)
            {
                string fault = tensor.Offset < covered ? "overlaps the tensor before it" : "leaves a gap after the tensor before it";
                throw Fault($"Tensor '{tensor.Name}' begins at byte {tensor.Offset} and {fault}, which ends at {covered}.");
            }
            if (tensor.Bytes > dataLength - covered)
                throw Fault($"Tensor '{tensor.Name}' ends at byte {covered + tensor.Bytes}, but the file has only {dataLength} bytes of data: it is cut off.");
            covered += tensor.Bytes;
        }
        if (covered != dataLength)
            throw Fault($"The file has {dataLength} bytes of data, but its tensors cover only {covered}.");
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, int most, string place)
    {
        Expect(ref reader, JsonTokenType.StartArray, place);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw Fault($"In {place}, a whole number from 0 was expected.");
            if (numbers.Count == most)
                throw Fault($"In {place}, there are more than {most} numbers.");
            numbers.Add(number);
        }
        return numbers;
    }

    private TensorType TypeNamed(string name, string place) => TensorTypes.Parse(name) ?? throw new SafetensorsException(
        _path,
        $"The type of {place} is {name}; F32, F64, I64, I32 and U8 are read.",
        name is "F16" or "BF16" ? "Convert half-precision tensors to F32 where the file was made." : "Convert the tensor to one of them.");

    /// <summary>The next key of the object that is being read, or null at its end.</summary>
    private string? NextName(ref Utf8JsonReader reader, HashSet<string> seen, string place)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject)
            return null;
        string name = Text(ref reader);
        return seen.Add(name) ? name : throw Fault($"The key '{name}' comes twice in {place}.");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType expected, string place)
    {
        if (!reader.Read() || reader.TokenType != expected)
            throw Fault($"In {place}, {expected} was expected, not {reader.TokenType}.");
    }

    /// <summary>The reader lets half a surrogate pair (\ud800) pass until the text is asked for.</summary>
    private string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException fault)
        {
            throw new SafetensorsException(_path, "A text in the header is not Unicode.", Damaged, fault);
        }
    }

    private SafetensorsException Fault(string what) => new(_path, what, Damaged);
}
