using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// A worker's gradient, mapped into this process. The worker's connection holds it, and so does every sum that lies in it: a worker that is gone leaves its
/// contributions behind.
/// </summary>
/// <param name="segment">The mapping, which is this object's from now on.</param>
public sealed unsafe class SharedGradient(SharedSegment segment)
{
    private int _holders = 1;

    /// <summary>The first number.</summary>
    public float* Pointer { get; } = (float*)segment.Pointer;

    internal void Retain() => Interlocked.Increment(ref _holders);

    /// <summary>Lets it go; the last holder ends the mapping.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            segment.Dispose();
    }
}
