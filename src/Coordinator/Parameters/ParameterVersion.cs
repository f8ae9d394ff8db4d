using Lockstep.Engine.Memory;
using Lockstep.Transport.Connections;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// The parameters after a number of steps. Once published a version is never written again; whoever reads it pins it,
/// and its memory is used anew only when nobody does.
/// </summary>
public sealed class ParameterVersion : ISendObserver
{
    private readonly IDisposable _memory;
    private int _pins;

    /// <summary>A version in memory of this process alone.</summary>
    internal unsafe ParameterVersion(FloatBuffer buffer)
    {
        _memory = buffer;
        Pointer = buffer.Pointer;
    }

    /// <summary>A version in memory that workers of this machine read where it lies.</summary>
    internal unsafe ParameterVersion(SharedSegment memory, int segment)
    {
        _memory = memory;
        Pointer = (float*)memory.Pointer;
        Segment = segment;
    }

    /// <summary>How many steps these parameters have had.</summary>
    public long Version { get; internal set; } = -1;

    /// <summary>The numbers, as the layout places them.</summary>
    public unsafe float* Pointer { get; }

    /// <summary>Number of the shared segment that it lies in; null for memory of this process alone.</summary>
    public int? Segment { get; }

    internal bool IsFree => Volatile.Read(ref _pins) == 0;

    /// <summary>Keeps the version as it is until <see cref="Unpin"/>.</summary>
    public void Pin() => Interlocked.Increment(ref _pins);

    /// <summary>Undoes one <see cref="Pin"/>, from any thread.</summary>
    public void Unpin()
    {
        if (Interlocked.Decrement(ref _pins) < 0)
            throw new InvalidOperationException($"Version {Version} was unpinned more often than pinned.");
    }

    /// <summary>A frame with one of its blocks has left, or never will: undoes the pin that was made for it.</summary>
    void ISendObserver.Completed(in OutgoingFrame frame, SendOutcome outcome) => Unpin();

    internal void Free() => _memory.Dispose();
}
