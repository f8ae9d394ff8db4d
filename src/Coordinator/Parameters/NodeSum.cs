using Lockstep.Engine.Memory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>Memory for one contribution: a block of float32, or a channel's sums in float64.</summary>
public sealed class NodeSum
{
    private readonly FloatBuffer _buffer;

    internal NodeSum(int capacity) => _buffer = new FloatBuffer(capacity);

    /// <summary>Bytes in use.</summary>
    public int Bytes { get; internal set; }

    /// <summary>The memory as a gradient's block.</summary>
    public unsafe float* Floats => _buffer.Pointer;

    /// <summary>The memory as sums.</summary>
    public unsafe Span<double> Sums => new(_buffer.Pointer, Bytes / sizeof(double));

    internal void Free() => _buffer.Dispose();
}

/// <summary>
/// Preallocated memory that contributions land in. A node's sum keeps the memory that it landed in until it has been
/// added to its sibling, so in steady state as many exist as nodes are on their way at once, and none is allocated.
/// Safe for many threads: readers take, the parameter server gives back.
/// </summary>
/// <param name="capacity">Float32 numbers that each must hold.</param>
public sealed class NodeSumPool(int capacity) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<NodeSum> _free = [];
    private readonly List<NodeSum> _all = [];

    /// <summary>Pieces that exist.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _all.Count;
        }
    }

    /// <summary>Memory for <paramref name="bytes"/> bytes.</summary>
    public NodeSum Take(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, capacity * sizeof(float));
        lock (_lock)
        {
            if (!_free.TryPop(out NodeSum? sum))
                _all.Add(sum = new NodeSum(capacity));
            sum.Bytes = bytes;
            return sum;
        }
    }

    /// <summary>Gives memory back.</summary>
    public void Return(NodeSum sum)
    {
        lock (_lock)
            _free.Push(sum);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (NodeSum sum in _all)
                sum.Free();
            _all.Clear();
            _free.Clear();
        }
    }
}
