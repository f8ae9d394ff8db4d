using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Engine.Serialization;

/// <summary>
/// Writes safetensors files in one canonical form, so that equal tensors give equal files: metadata first and only if
/// there is some, its keys sorted; tensors sorted by the UTF-8 bytes of their names (eight-byte types before four-byte
/// ones before bytes, so that each lies on a multiple of its element's size, as other readers need); no white space in the
/// header but the spaces at its end, which make the data begin at a multiple of eight.
/// </summary>
public static class SafetensorsWriter
{
    private const int PartElements = 1 << 16;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>How many bytes the file will have.</summary>
    public static long Measure(IReadOnlyCollection<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Header(Ordered(tensors), metadata).Length + tensors.Sum(tensor => tensor.Count * tensor.Type.Size());

    /// <summary>Writes the file and leaves the stream open.</summary>
    /// <returns>The SHA-256 of all that was written, in lower-case hexadecimal digits.</returns>
    /// <exception cref="ArgumentException">Two tensors have one name, or a name is not Unicode.</exception>
    public static string Write(Stream stream, IReadOnlyCollection<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        TensorData[] ordered = Ordered(tensors);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }

        Put(Header(ordered, metadata));
        byte[] swapped = BitConverter.IsLittleEndian ? [] : new byte[PartElements * sizeof(long)];
        foreach (TensorData tensor in ordered)
        {
            for (long first = 0; first < tensor.Count; first += PartElements)
            {
                ReadOnlySpan<byte> part = tensor.Bytes(first, (int)Math.Min(PartElements, tensor.Count - first));
                Put(BitConverter.IsLittleEndian ? part : Swap(part, swapped, tensor.Type.Size()));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static TensorData[] Ordered(IReadOnlyCollection<TensorData> tensors)
    {
        TensorData[] ordered = [.. tensors
            .Select(tensor => (Tensor: tensor, Key: Encode(tensor.Name)))
            .OrderByDescending(pair => pair.Tensor.Type.Size())
            .ThenBy(pair => pair.Key, ByteOrder)
            .Select(pair => pair.Tensor)];
        string? twice = tensors.GroupBy(tensor => tensor.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            throw new ArgumentException($"Two tensors are called '{twice}'.", nameof(tensors));
        return tensors.Any(tensor => tensor.Name == "__metadata__")
            ? throw new ArgumentException("A tensor may not be called '__metadata__'.", nameof(tensors))
            : ordered;
    }

    private static byte[] Header(TensorData[] ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new StringBuilder("{");
        if (metadata is { Count: > 0 })
        {
            json.Append("\"__metadata__\":{");
            AppendList(json, metadata.OrderBy(pair => Encode(pair.Key), ByteOrder), pair => Text(pair.Key) + ":" + Text(pair.Value));
            json.Append(ordered.Length > 0 ? "}," : "}");
        }
        long offset = 0;
        AppendList(json, ordered, tensor =>
        {
            long end = offset + tensor.Count * tensor.Type.Size();
            string entry = string.Create(
                CultureInfo.InvariantCulture,
                $"{Text(tensor.Name)}:{{\"dtype\":\"{tensor.Type}\",\"shape\":[{string.Join(',', tensor.Shape)}],\"data_offsets\":[{offset},{end}]}}");
            offset = end;
            return entry;
        });
        json.Append('}');

        byte[] text = Encode(json.ToString());
        int padded = checked((text.Length + 7) / 8 * 8);
        if (padded > SafetensorsHeader.MaximumLength)
            throw new ArgumentException($"The header would have {padded} bytes; readers refuse more than {SafetensorsHeader.MaximumLength}.", nameof(ordered));
        byte[] header = new byte[8 + padded];
        BinaryPrimitives.WriteInt64LittleEndian(header, padded);
        text.CopyTo(header, 8);
        header.AsSpan(8 + text.Length).Fill((byte)' ');
        return header;
    }

    private static void AppendList<T>(StringBuilder json, IEnumerable<T> items, Func<T, string> text)
    {
        string separator = "";
        foreach (T item in items)
        {
            json.Append(separator).Append(text(item));
            separator = ",";
        }
    }

    /// <summary>Only what JSON demands is escaped: library encoders escape more, and not the same in every version.</summary>
    private static string Text(string value)
    {
        var text = new StringBuilder("\"");
        foreach (char letter in value)
        {
            if (letter is '"' or '\\')
                text.Append('\\').Append(letter);
            else if (letter < ' ')
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                text.Append(letter);
        }
        return text.Append('"').ToString();
    }

    private static byte[] Encode(string value)
    {
        try
        {
            return StrictUtf8.GetBytes(value);
        }
        catch (EncoderFallbackException fault)
        {
            throw new ArgumentException("A name or a text of the metadata has half a surrogate pair.", nameof(value), fault);
        }
    }

    private static ReadOnlySpan<byte> Swap(ReadOnlySpan<byte> part, byte[] swapped, int size)
    {
        Span<byte> result = swapped.AsSpan(0, part.Length);
        part.CopyTo(result);
        for (int at = 0; size > 1 && at < result.Length; at += size)
            result.Slice(at, size).Reverse();
        return result;
    }

    private static Comparer<byte[]> ByteOrder { get; } =
        Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));
}
