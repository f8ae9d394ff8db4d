using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// The parameters after a number of steps. Once published a version is never written again; whoever reads it pins it,
/// and its memory is used anew only when nobody does.
/// </summary>
public sealed class ParameterVersion : ISendObserver
{
    private readonly IDisposable _memory;
    private ulong?[] _checksums = [];
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
    public long Version { get; private set; } = -1;

    /// <summary>The numbers, as the layout places them.</summary>
    public unsafe float* Pointer { get; }

    /// <summary>Number of the shared segment that it lies in; null for memory of this process alone.</summary>
    public int? Segment { get; }

    internal bool IsFree => Volatile.Read(ref _pins) == 0;

    /// <summary>The checksum of a block where it was made once for all who are sent it; else null.</summary>
    public ulong? ChecksumOf(int block) => block < _checksums.Length ? _checksums[block] : null;

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

    /// <summary>Other numbers are to be written, of so many blocks.</summary>
    internal void BeginAnew(long version, int blocks)
    {
        Version = version;
        if (_checksums.Length == blocks)
            Array.Clear(_checksums);
        else
            _checksums = new ulong?[blocks];
    }

    /// <summary>A block is as it will stay: one checksum serves all who are sent it. Blocks may be done on several threads.</summary>
    internal unsafe void Hash(in ParameterBlock block) =>
        _checksums[block.Index] = Checksum.Of(new ReadOnlySpan<byte>(Pointer + block.Offset, block.Length * sizeof(float)));

    /// <summary>Blocks were changed after all.</summary>
    internal void ForgetChecksums() => Array.Clear(_checksums);

    internal void Free() => _memory.Dispose();
}
