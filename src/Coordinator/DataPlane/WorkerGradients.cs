using System.Runtime.InteropServices;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Steps;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.DataPlane;

/// <summary>The memory in which one worker of this machine lays its gradients, mapped to be read when it is first named. Used by the connection's reader alone.</summary>
/// <param name="worker">The worker's incarnation.</param>
/// <param name="server">Whose layout the gradients have.</param>
internal sealed unsafe class WorkerGradients(long worker, ParameterServer server) : IDisposable
{
    /// <summary>More nodes than a worker is ever given at once: the sides of a path through the largest tree.</summary>
    private const int MostSlots = 64;

    private readonly Dictionary<int, SharedGradient> _slots = [];
    private byte* _landing = (byte*)NativeMemory.AllocZeroed(InPlaceBlock.Size);

    /// <summary>Where the few bytes go that say where a contribution lies.</summary>
    public Landing Land(in FrameHeader header) => header.PayloadLength == InPlaceBlock.Size && server.Shared is not null
        ? Landing.At(_landing, InPlaceBlock.Size)
        : Landing.Refuse($"a contribution in place, described by {header.PayloadLength} bytes");

    /// <summary>The contribution that the landed bytes describe.</summary>
    /// <returns>Null where there is no such memory, and <paramref name="refusal"/> says why.</returns>
    public Contribution? Take(in ContributionKey key, out string? refusal)
    {
        InPlaceBlock block = InPlaceBlock.Read(new ReadOnlySpan<byte>(_landing, InPlaceBlock.Size));
        refusal = null;
        if (!server.Channels.IsGradient(key.Channel) || server.BytesOf(key.Channel) < 0 || block.Slot is < 0 or >= MostSlots)
        {
            refusal = $"a contribution to channel {key.Channel} in slot {block.Slot}, which cannot be in place";
            return null;
        }
        if (!_slots.TryGetValue(block.Slot, out SharedGradient? gradient))
        {
            if (Map(block.Slot, out refusal) is not { } mapped)
                return null;
            _slots.Add(block.Slot, gradient = mapped);
        }
        NodeSum sum = server.NodeSums.InPlace(gradient, server.Layout.Blocks[key.Channel].Offset, server.BytesOf(key.Channel));
        return new Contribution(worker, key, BitsChecksum.WhenAsked(sum.Floats, sum.Bytes), sum);
    }

    public void Dispose()
    {
        foreach (SharedGradient gradient in _slots.Values)
            gradient.Release();
        _slots.Clear();
        NativeMemory.Free(_landing);
        _landing = null;
    }

    // The name is not needed any more once both have mapped it.
    private SharedGradient? Map(int slot, out string? refusal)
    {
        try
        {
            SharedSegment segment = SharedSegment.Open(
                SharedFolder.FileOf(server.Shared!.Path, SegmentNames.OfGradient(worker, slot)), SegmentNames.BytesOf(server.Layout.Length));
            segment.Unlink();
            refusal = null;
            return new SharedGradient(segment);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            refusal = $"the worker's memory cannot be shared ({fault.Message}): start with --exchange unix";
            return null;
        }
    }
}
