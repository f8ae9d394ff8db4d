using System.Runtime.CompilerServices;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.WorkerNode.DataPlane;

/// <summary>
/// Memory for the few bytes that say where blocks lie, which must stay as they are until their frames have left. Nothing is allocated once a step has had as many as
/// it ever has.
/// </summary>
internal sealed unsafe class BlockDescriptions
{
    private const int PerPage = 1024;

    private readonly List<byte[]> _pages = [];
    private int _used;

    /// <summary>All frames have left.</summary>
    public void Clear() => _used = 0;

    /// <summary>Writes one, at an address that stays.</summary>
    public byte* Next(in InPlaceBlocks blocks)
    {
        (int page, int place) = Math.DivRem(_used++, PerPage);
        if (page == _pages.Count)
            _pages.Add(GC.AllocateUninitializedArray<byte>(PerPage * InPlaceBlocks.Size, pinned: true));
        Span<byte> bytes = _pages[page].AsSpan(place * InPlaceBlocks.Size, InPlaceBlocks.Size);
        blocks.Write(bytes);
        return (byte*)Unsafe.AsPointer(ref bytes[0]);
    }
}
