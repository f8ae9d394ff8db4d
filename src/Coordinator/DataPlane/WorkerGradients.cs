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
    private byte* _landing = (byte*)NativeMemory.AllocZeroed(InPlaceBlocks.Size);

    /// <summary>Where the few bytes go that say where contributions lie.</summary>
    public Landing Land(in FrameHeader header) => header.PayloadLength == InPlaceBlocks.Size && server.Shared is not null
        ? Landing.At(_landing, InPlaceBlocks.Size)
        : Landing.Refuse($"contributions in place, described by {header.PayloadLength} bytes");

    /// <summary>The contributions that the landed bytes describe.</summary>
    /// <returns>Null where there are no such blocks or no such memory, and <paramref name="refusal"/> says why.</returns>
    public ContributionRun? Take(in ContributionKey key, out string? refusal)
    {
        InPlaceBlocks blocks = InPlaceBlocks.Read(new ReadOnlySpan<byte>(_landing, InPlaceBlocks.Size));
        refusal = null;
        if (key.Channel < 0 || blocks.Count < 1 || blocks.Count > server.Channels.GradientBlocks - key.Channel || blocks.Slot is < 0 or >= MostSlots)
        {
            refusal = $"contributions to {blocks.Count} channels from {key.Channel} in slot {blocks.Slot}, which cannot be in place";
            return null;
        }
        if (!_slots.TryGetValue(blocks.Slot, out SharedGradient? gradient))
        {
            if (Map(blocks.Slot, out refusal) is not { } mapped)
                return null;
            _slots.Add(blocks.Slot, gradient = mapped);
        }
        return new ContributionRun(worker, key, blocks.Count, gradient);
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
