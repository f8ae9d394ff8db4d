using System.Diagnostics.CodeAnalysis;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.WorkerNode.Parameters;

/// <summary>
/// Room for two versions: one that is computed with, one that lands. The coordinator sends a third only after one has
/// been released, so the reader never waits. Called by the reader thread, but for <see cref="Release"/>.
/// </summary>
public sealed class VersionSlots : IDisposable
{
    private const int Places = 2;

    private readonly ParameterLayout _layout;
    private readonly Lock _lock = new();
    private readonly Stack<FloatBuffer> _free = [];
    private readonly List<FloatBuffer> _all = [];
    private readonly Dictionary<int, SharedSegment> _shared = [];
    private readonly TimeProvider _time;
    private FloatBuffer? _landing;
    private VersionArrival? _arrival;
    private long _version = -1;
    private int _arrived;

    /// <param name="layout">What a version consists of.</param>
    /// <param name="time">For measuring how long blocks are waited for.</param>
    public VersionSlots(ParameterLayout layout, TimeProvider time) => (_layout, _time) = (layout, time);

    /// <summary>Where a block goes.</summary>
    /// <returns>The memory of its first number; null where the frame breaks the rules, and <paramref name="refusal"/> says how.</returns>
    public unsafe float* Place(in ParameterBlockKey key, int bytes, out string? refusal)
    {
        refusal = null;
        if (key.Block < 0 || key.Block >= _layout.Blocks.Count || bytes != _layout.Blocks[key.Block].Length * sizeof(float))
        {
            refusal = $"block {key.Block} of {bytes} bytes, which the model has not";
            return null;
        }
        lock (_lock)
        {
            if (_landing is null)
            {
                if (key.Version <= _version || !TryTake(out _landing))
                {
                    refusal = $"version {key.Version} after version {_version}, without room for it";
                    return null;
                }
                (_version, _arrived) = (key.Version, 0);
            }
            if (key.Version != _version || key.Block != _arrived)
            {
                refusal = $"block {key.Block} of version {key.Version} instead of block {_arrived} of version {_version}";
                return null;
            }
            return _landing.Pointer + _layout.Blocks[key.Block].Offset;
        }
    }

    // Where versions lie in shared memory none is ever made.
    private bool TryTake([NotNullWhen(true)] out FloatBuffer? buffer)
    {
        if (_free.TryPop(out buffer))
            return true;
        if (_all.Count == Places)
            return false;
        _all.Add(buffer = new FloatBuffer(_layout.Length));
        return true;
    }

    /// <summary>A block has landed, whole and verified; blocks come in order.</summary>
    /// <param name="key">The block.</param>
    /// <param name="begun">The version, where this was its first block: it can be computed with, as far as it has come.</param>
    /// <returns>Whether the version is whole now.</returns>
    public bool Arrived(in ParameterBlockKey key, out HeldVersion? begun)
    {
        lock (_lock)
        {
            begun = null;
            if (_arrived++ == 0)
            {
                _arrival = _layout.Blocks.Count > 1 ? new VersionArrival(_time) : null;
                begun = new HeldVersion(key.Version, key.View, _landing!, _arrival);
            }
            _arrival?.Landed(_arrived);
            if (_arrived < _layout.Blocks.Count)
                return false;
            (_landing, _arrival) = (null, null);
            return true;
        }
    }

    /// <summary>A whole version lies in memory of the coordinator's.</summary>
    /// <param name="key">The version and its view; the block is the number of the segment.</param>
    /// <param name="folder">The folder of shared memory.</param>
    /// <param name="refusal">Why it cannot be taken.</param>
    /// <returns>The version, or null.</returns>
    public unsafe HeldVersion? InPlace(in ParameterBlockKey key, string folder, out string? refusal)
    {
        lock (_lock)
        {
            refusal = null;
            if (_landing is not null || key.Version <= _version)
            {
                refusal = $"version {key.Version} after version {_version}";
                return null;
            }
            if (!_shared.TryGetValue(key.Block, out SharedSegment? segment))
            {
                try
                {
                    segment = SharedSegment.Open(SharedFolder.FileOf(folder, SegmentNames.OfVersion(key.Block)), SegmentNames.BytesOf(_layout.Length));
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
                {
                    refusal = $"the coordinator's memory cannot be shared ({fault.Message}): start with --exchange unix";
                    return null;
                }
                _shared.Add(key.Block, segment);
            }
            _version = key.Version;
            return new HeldVersion(key.Version, key.View, (nint)segment.Pointer, null);
        }
    }

    /// <summary>A version is not read any more.</summary>
    public void Release(HeldVersion held)
    {
        if (held.Buffer is null)
            return;
        lock (_lock)
            _free.Push(held.Buffer);
    }

    public void Dispose()
    {
        foreach (FloatBuffer buffer in _all)
            buffer.Dispose();
        foreach (SharedSegment segment in _shared.Values)
            segment.Dispose();
    }
}
