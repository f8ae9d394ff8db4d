using Lockstep.Engine.Memory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>Memory for one contribution: a block of float32, or a channel's sums in float64.</summary>
public sealed unsafe class NodeSum
{
    private readonly FloatBuffer? _buffer;
    private SharedGradient? _gradient;

    /// <param name="capacity">Numbers of its own memory; 0 for one that stands for memory of a worker.</param>
    internal NodeSum(int capacity)
    {
        if (capacity == 0)
            return;
        _buffer = new FloatBuffer(capacity);
        Floats = _buffer.Pointer;
    }

    /// <summary>Bytes in use.</summary>
    public int Bytes { get; internal set; }

    /// <summary>The memory as a gradient's block.</summary>
    public float* Floats { get; private set; }

    /// <summary>The sum of the other half of all leaves where it is still to be added to this one; it goes back to the pool with it.</summary>
    internal NodeSum? Addend { get; set; }

    /// <summary>The worker's gradient that it stands for a part of; null where the memory is its own.</summary>
    internal SharedGradient? Gradient => _gradient;

    /// <summary>Whether the memory is its own, and not a worker's, which is only read.</summary>
    internal bool OwnsMemory => _buffer is not null;

    /// <summary>The memory as sums.</summary>
    public Span<double> Sums => new(Floats, Bytes / sizeof(double));

    /// <summary>Stands for a part of a worker's gradient until <see cref="LetGo"/>.</summary>
    internal void StandFor(SharedGradient gradient, long offset, int bytes)
    {
        gradient.Retain();
        _gradient = gradient;
        Floats = gradient.Pointer + offset;
        Bytes = bytes;
    }

    /// <summary>The addend, to be given back alone.</summary>
    internal NodeSum? TakeAddend()
    {
        NodeSum? addend = Addend;
        Addend = null;
        return addend;
    }

    internal void LetGo()
    {
        _gradient?.Release();
        _gradient = null;
        Floats = null;
    }

    internal void Free()
    {
        _gradient?.Release();
        _buffer?.Dispose();
    }
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
    private readonly Stack<NodeSum> _freeInPlace = [];
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

    /// <summary>A block of a worker's gradient where it lies, to be read: the worker writes there again only once the step is decided.</summary>
    /// <param name="gradient">The worker's memory.</param>
    /// <param name="offset">The block's first number.</param>
    /// <param name="bytes">Its bytes.</param>
    public NodeSum InPlace(SharedGradient gradient, long offset, int bytes)
    {
        lock (_lock)
        {
            if (!_freeInPlace.TryPop(out NodeSum? sum))
                _all.Add(sum = new NodeSum(0));
            sum.StandFor(gradient, offset, bytes);
            return sum;
        }
    }

    /// <summary>Gives memory back, with what is still to be added to it; nothing where there is none.</summary>
    public void Return(NodeSum? sum)
    {
        lock (_lock)
        {
            for (NodeSum? part = sum; part is not null; part = sum)
            {
                sum = part.TakeAddend();
                if (part.OwnsMemory)
                {
                    _free.Push(part);
                    continue;
                }
                part.LetGo();
                _freeInPlace.Push(part);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (NodeSum sum in _all)
                sum.Free();
            _all.Clear();
            _free.Clear();
            _freeInPlace.Clear();
        }
    }
}
