using Lockstep.Engine.Memory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// The optimizer's flat buffers. They change in place, so a step that may yet be skipped keeps what they were.
/// </summary>
internal sealed unsafe class OptimizerState : IDisposable
{
    private readonly FloatBuffer[] _kept;
    private readonly nint[] _pointers;

    /// <param name="names">Names of the states.</param>
    /// <param name="buffers">The states, which are this object's from now on.</param>
    /// <param name="canRestore">Whether steps may be undone.</param>
    public OptimizerState(IReadOnlyList<string> names, IReadOnlyList<FloatBuffer> buffers, bool canRestore)
    {
        Names = names;
        Buffers = buffers;
        _pointers = [.. buffers.Select(buffer => (nint)buffer.Pointer)];
        _kept = canRestore ? [.. buffers.Select(buffer => new FloatBuffer(buffer.Length))] : [];
    }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<FloatBuffer> Buffers { get; }

    /// <summary>The buffers' first numbers, in order.</summary>
    public ReadOnlySpan<nint> Pointers => _pointers;

    /// <summary>Whether <see cref="Restore"/> brings the state back: there is a copy, or nothing to copy.</summary>
    public bool CanRestore => _kept.Length == Buffers.Count;

    /// <summary>Remembers the present state, where steps may be undone.</summary>
    public void Keep()
    {
        for (int i = 0; i < _kept.Length; i++)
            Copy(Buffers[i], _kept[i]);
    }

    /// <summary>Goes back to what was kept.</summary>
    public void Restore()
    {
        for (int i = 0; i < _kept.Length; i++)
            Copy(_kept[i], Buffers[i]);
    }

    public void Dispose()
    {
        foreach (FloatBuffer buffer in Buffers.Concat(_kept))
            buffer.Dispose();
    }

    private static void Copy(FloatBuffer from, FloatBuffer to) =>
        Buffer.MemoryCopy(from.Pointer, to.Pointer, to.Length * sizeof(float), from.Length * sizeof(float));
}
