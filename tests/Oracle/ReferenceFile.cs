using System.Text.Json;
using Lockstep.Engine.Serialization;

namespace Lockstep.Oracle;

/// <summary>An array with its axes.</summary>
internal sealed record Numbers(int[] Shape, float[] Values)
{
    /// <summary>The axes in another order: axis i of the result is axis <c>order[i]</c> of this one.</summary>
    public Numbers Transposed(params int[] order)
    {
        int[] shape = [.. order.Select(axis => Shape[axis])];
        int[] strides = new int[Shape.Length];
        for (int axis = Shape.Length - 1, stride = 1; axis >= 0; stride *= Shape[axis--])
            strides[axis] = stride;
        float[] values = new float[Values.Length];
        int[] at = new int[order.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Values[order.Index().Sum(pair => at[pair.Index] * strides[pair.Item])];
            for (int axis = order.Length - 1; axis >= 0 && ++at[axis] == shape[axis]; axis--)
                at[axis] = 0;
        }
        return new Numbers(shape, values);
    }

    /// <summary>Some rows of the first axis.</summary>
    public Numbers Rows(int first, int count)
    {
        int length = Values.Length / Shape[0];
        return new Numbers(Shape.Length == 2 && count == 1 ? [Shape[1]] : [count, .. Shape.Skip(1)], Values[(first * length)..((first + count) * length)]);
    }
}

/// <summary>One file of PyTorch's numbers; the README beside the files says what it holds.</summary>
internal sealed class ReferenceFile : IDisposable
{
    private readonly SafetensorsFile _file;

    public ReferenceFile(string path)
    {
        _file = SafetensorsFile.Open(path);
        Case = JsonDocument.Parse(_file.Metadata["case"]).RootElement;
    }

    /// <summary>The description.</summary>
    public JsonElement Case { get; }

    public string Name => Case.GetProperty("name").GetString()!;

    public IEnumerable<string> Names => _file.Tensors.Select(tensor => tensor.Name);

    public bool Has(string name) => _file.Contains(name);

    public bool IsWhole(string name) => _file[name].Type == TensorType.I64;

    public Numbers this[string name]
    {
        get
        {
            int[] shape = [.. _file[name].Shape];
            int count = shape.Aggregate(1, (product, axis) => product * axis);
            float[] values = new float[count];
            if (!IsWhole(name))
            {
                _file.CopyTo(name, values);
                return new Numbers(shape, values);
            }
            long[] whole = new long[count];
            _file.CopyTo(name, whole);
            return new Numbers(shape, [.. whole.Select(number => (float)number)]);
        }
    }

    public void Dispose() => _file.Dispose();
}
