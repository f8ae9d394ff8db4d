using Lockstep.Engine.Memory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// All that a checkpoint holds, as it was after one step: the version of the parameters, pinned, and a copy of the
/// optimizer's state, which goes on changing while the checkpoint is written.
/// </summary>
public sealed class TrainingSnapshot : IDisposable
{
    private readonly FloatBuffer[] _state;
    private readonly Action _freed;
    private ParameterVersion? _parameters;

    internal unsafe TrainingSnapshot(ParameterVersion parameters, IReadOnlyList<string> stateNames, IReadOnlyList<FloatBuffer> state, Action freed)
    {
        _freed = freed;
        parameters.Pin();
        _parameters = parameters;
        Step = parameters.Version;
        StateNames = stateNames;
        _state = [.. state.Select(Copy)];
    }

    /// <summary>Steps that the parameters have had.</summary>
    public long Step { get; }

    /// <summary>The parameters, as the layout places them.</summary>
    public unsafe float* Parameters => (_parameters ?? throw new ObjectDisposedException(nameof(TrainingSnapshot))).Pointer;

    /// <summary>Names of the optimizer's states.</summary>
    public IReadOnlyList<string> StateNames { get; }

    /// <summary>The optimizer's states, in the order of <see cref="StateNames"/>, as the layout places them.</summary>
    public IReadOnlyList<FloatBuffer> State => _state;

    public void Dispose()
    {
        if (_parameters is not { } parameters)
            return;
        _parameters = null;
        parameters.Unpin();
        foreach (FloatBuffer buffer in _state)
            buffer.Dispose();
        _freed();
    }

    private static unsafe FloatBuffer Copy(FloatBuffer source)
    {
        var copy = new FloatBuffer(source.Length);
        long bytes = source.Length * sizeof(float);
        Buffer.MemoryCopy(source.Pointer, copy.Pointer, bytes, bytes);
        return copy;
    }
}
