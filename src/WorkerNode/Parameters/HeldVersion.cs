using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;

namespace Lockstep.WorkerNode.Parameters;

/// <summary>A version of the parameters that a worker holds.</summary>
/// <param name="Version">How many steps it has had.</param>
/// <param name="View">The view that holds for its step.</param>
/// <param name="Parameters">The first number.</param>
/// <param name="Buffer">The memory where it is this process's own; null where it is shared with the coordinator.</param>
/// <param name="Arrival">How much of it has come; null where it came as a whole.</param>
public sealed unsafe record HeldVersion(long Version, int View, nint Parameters, FloatBuffer? Buffer, IParameterArrival? Arrival = null)
{
    /// <summary>A version in memory of this process.</summary>
    public HeldVersion(long version, int view, FloatBuffer buffer, IParameterArrival? arrival = null)
        : this(version, view, (nint)buffer.Pointer, buffer, arrival)
    {
    }
}
