using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;

namespace Lockstep.Coordinator.Tests.Nets;

/// <summary>A version of which no block is there before it is waited for: whoever reads one that he did not wait for reads NaN.</summary>
internal sealed class LazyArrival(ParameterLayout layout, float[] parameters, FloatBuffer version) : IParameterArrival
{
    private int _arrived;

    public TimeSpan Waited => TimeSpan.Zero;

    public void Await(int block, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        for (; _arrived <= block; _arrived++)
        {
            ParameterBlock next = layout.Blocks[_arrived];
            parameters.AsSpan((int)next.Offset, next.Length).CopyTo(version.Slice(next.Offset, next.Length));
        }
    }
}
