using Lockstep.Engine.Memory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>What a run starts or goes on from.</summary>
/// <param name="Step">Steps that the parameters have had.</param>
/// <param name="Parameters">The parameters, as the layout places them.</param>
/// <param name="OptimizerState">The optimizer's states, which the parameter server takes over.</param>
public sealed record StartingPoint(long Step, FloatBuffer Parameters, IReadOnlyList<FloatBuffer> OptimizerState)
{
    internal unsafe void CopyParametersTo(float* destination) =>
        Buffer.MemoryCopy(Parameters.Pointer, destination, Parameters.Length * sizeof(float), Parameters.Length * sizeof(float));
}
