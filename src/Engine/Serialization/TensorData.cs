using System.Runtime.InteropServices;

namespace Lockstep.Engine.Serialization;

/// <summary>A tensor that is to be written: a name, a shape, and where its numbers lie. Nothing is copied.</summary>
public abstract class TensorData
{
    private TensorData(string name, TensorType type, IReadOnlyList<int> shape, long available)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (shape.Any(axis => axis < 0))
            throw new ArgumentException($"Tensor '{name}' has a negative axis.", nameof(shape));
        Name = name;
        Type = type;
        Shape = shape;
        Count = shape.Aggregate(1L, (product, axis) => checked(product * axis));
        if (available != Count)
            throw new ArgumentException($"Tensor '{name}' of shape [{string.Join(", ", shape)}] needs {Count} numbers, but {available} are given.", nameof(shape));
    }

    public string Name { get; }

    public TensorType Type { get; }

    /// <summary>Axes, outermost first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>How many numbers: the axes' product.</summary>
    public long Count { get; }

    /// <summary>F32 numbers.</summary>
    /// <exception cref="ArgumentException">There are more or fewer numbers than the shape has.</exception>
    public static TensorData Of(string name, IReadOnlyList<int> shape, ReadOnlyMemory<float> numbers) =>
        new Managed<float>(name, TensorType.F32, shape, numbers);

    /// <inheritdoc cref="Of(string, IReadOnlyList{int}, ReadOnlyMemory{float})"/>
    /// <summary>F64 numbers.</summary>
    public static TensorData Of(string name, IReadOnlyList<int> shape, ReadOnlyMemory<double> numbers) =>
        new Managed<double>(name, TensorType.F64, shape, numbers);

    /// <inheritdoc cref="Of(string, IReadOnlyList{int}, ReadOnlyMemory{float})"/>
    /// <summary>I64 numbers.</summary>
    public static TensorData Of(string name, IReadOnlyList<int> shape, ReadOnlyMemory<long> numbers) =>
        new Managed<long>(name, TensorType.I64, shape, numbers);

    /// <inheritdoc cref="Of(string, IReadOnlyList{int}, ReadOnlyMemory{float})"/>
    /// <summary>I32 numbers.</summary>
    public static TensorData Of(string name, IReadOnlyList<int> shape, ReadOnlyMemory<int> numbers) =>
        new Managed<int>(name, TensorType.I32, shape, numbers);

    /// <inheritdoc cref="Of(string, IReadOnlyList{int}, ReadOnlyMemory{float})"/>
    /// <summary>U8 numbers.</summary>
    public static TensorData Of(string name, IReadOnlyList<int> shape, ReadOnlyMemory<byte> numbers) =>
        new Managed<byte>(name, TensorType.U8, shape, numbers);

    /// <summary>F32 numbers in memory of the caller's, which must live until they are written.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">Its axes.</param>
    /// <param name="numbers">As many numbers as the shape has.</param>
    public static unsafe TensorData Of(string name, IReadOnlyList<int> shape, float* numbers) =>
        new Native(name, shape, numbers);

    /// <summary>The numbers' bytes in this machine's order.</summary>
    internal abstract ReadOnlySpan<byte> Bytes(long first, int count);

    private sealed class Managed<T>(string name, TensorType type, IReadOnlyList<int> shape, ReadOnlyMemory<T> numbers)
        : TensorData(name, type, shape, numbers.Length)
        where T : unmanaged
    {
        internal override ReadOnlySpan<byte> Bytes(long first, int count) =>
            MemoryMarshal.AsBytes(numbers.Span.Slice((int)first, count));
    }

    private sealed unsafe class Native(string name, IReadOnlyList<int> shape, float* numbers)
        : TensorData(name, TensorType.F32, shape, shape.Aggregate(1L, (product, axis) => checked(product * axis)))
    {
        private readonly float* _numbers = numbers;

        internal override ReadOnlySpan<byte> Bytes(long first, int count) =>
            MemoryMarshal.AsBytes(new ReadOnlySpan<float>(_numbers + first, count));
    }
}
