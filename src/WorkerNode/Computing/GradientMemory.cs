using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.WorkerNode.Computing;

/// <summary>The memory of one node's gradient: of this process alone, or shared with the coordinator, which then reads it where it lies.</summary>
public sealed unsafe class GradientMemory : IDisposable
{
    private readonly IDisposable _memory;

    /// <param name="length">Numbers in memory of this process alone.</param>
    public GradientMemory(long length)
    {
        var buffer = new FloatBuffer(length);
        _memory = buffer;
        Pointer = buffer.Pointer;
    }

    /// <param name="segment">Memory that both share, which is this object's from now on.</param>
    /// <param name="slot">Its number among this worker's.</param>
    public GradientMemory(SharedSegment segment, int slot)
    {
        _memory = segment;
        Pointer = (float*)segment.Pointer;
        Slot = slot;
    }

    /// <summary>The first number.</summary>
    public float* Pointer { get; }

    /// <summary>Number of the shared segment; null for memory of this process alone.</summary>
    public int? Slot { get; }

    /// <summary>What passes have left in it, which alone write to it.</summary>
    public WrittenRows Written { get; } = new();

    public void Dispose() => _memory.Dispose();
}
