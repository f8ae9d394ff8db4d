using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.WorkerNode.Parameters;

/// <summary>A whole version of the parameters that a worker holds.</summary>
/// <param name="Version">How many steps it has had.</param>
/// <param name="View">The view that holds for its step.</param>
/// <param name="Buffer">The numbers.</param>
public sealed record HeldVersion(long Version, int View, FloatBuffer Buffer);

/// <summary>What became of a block that arrived.</summary>
public enum BlockArrival
{
    /// <summary>More blocks of its version are to come.</summary>
    Partial = 0,

    /// <summary>It was the last one: the version is whole.</summary>
    Complete = 1,
}

/// <summary>
/// Room for two versions: one that is computed with, one that lands. The coordinator sends a third only after one has
/// been released, so the reader never waits. Called by the reader thread, but for <see cref="Release"/>.
/// </summary>
public sealed class VersionSlots : IDisposable
{
    private readonly ParameterLayout _layout;
    private readonly Lock _lock = new();
    private readonly Stack<FloatBuffer> _free = [];
    private readonly FloatBuffer[] _all;
    private FloatBuffer? _landing;
    private long _version = -1;
    private int _arrived;

    public VersionSlots(ParameterLayout layout)
    {
        _layout = layout;
        _all = [new FloatBuffer(layout.Length), new FloatBuffer(layout.Length)];
        foreach (FloatBuffer buffer in _all)
            _free.Push(buffer);
    }

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
                if (key.Version <= _version || !_free.TryPop(out _landing))
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

    /// <summary>A block has landed, whole and verified; blocks come in order.</summary>
    /// <param name="key">The block.</param>
    /// <param name="held">The version, where this was its last block.</param>
    public BlockArrival Arrived(in ParameterBlockKey key, out HeldVersion? held)
    {
        lock (_lock)
        {
            held = null;
            if (++_arrived < _layout.Blocks.Count)
                return BlockArrival.Partial;
            held = new HeldVersion(key.Version, key.View, _landing!);
            _landing = null;
            return BlockArrival.Complete;
        }
    }

    /// <summary>A version is not read any more.</summary>
    public void Release(HeldVersion held)
    {
        lock (_lock)
            _free.Push(held.Buffer);
    }

    public void Dispose()
    {
        foreach (FloatBuffer buffer in _all)
            buffer.Dispose();
    }
}
