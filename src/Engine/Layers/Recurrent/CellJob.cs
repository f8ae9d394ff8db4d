using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>What one step of a recurrent cell does to some units of one sample, all gates of a unit in one pass.</summary>
internal interface ICellKernel
{
    /// <param name="sample">Which sample.</param>
    /// <param name="first">The first unit.</param>
    /// <param name="last">After the last one; from the first a multiple of the vector's width.</param>
    void Compute<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;
}

/// <summary>
/// Drives a cell's kernel over all samples at the process's vector width. What is left of the units goes through the same code one lane at a time: an
/// operation gives a lane the same bits at any width.
/// </summary>
internal struct CellJob<TKernel> : ICrewJob
    where TKernel : struct, ICellKernel
{
    // Below this a fork and join of the threads costs more than it saves.
    private const long NumbersWorthSharing = 2_048;

    private TKernel _kernel;
    private int _samples;
    private int _units;

    public static void Run(ComputeCrew crew, in TKernel kernel, int samples, int units)
    {
        var job = new CellJob<TKernel> { _kernel = kernel, _samples = samples, _units = units };
        if ((long)samples * units < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            crew.Run(ref job);
    }

    public readonly void Execute(int member, int members)
    {
        bool bySample = _samples >= members;
        WorkRange samples = bySample ? WorkRange.Of(_samples, member, members) : new WorkRange(0, _samples);
        WorkRange units = bySample ? new WorkRange(0, _units) : WorkRange.Of(_units, member, members, VectorMath.Lanes);
        if (VectorWidth.Lanes == Isa512.Width)
            Compute<Isa512, Vector512<float>>(_kernel, samples, units);
        else if (VectorWidth.Lanes == Isa256.Width)
            Compute<Isa256, Vector256<float>>(_kernel, samples, units);
        else if (VectorWidth.Lanes == Isa128.Width)
            Compute<Isa128, Vector128<float>>(_kernel, samples, units);
        else
            Compute<IsaScalar, float>(_kernel, samples, units);
    }

    /// <summary>Some units of some samples at one vector width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Compute<TIsa, TVector>(in TKernel kernel, WorkRange samples, WorkRange units)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint first = (nint)units.Start, last = (nint)units.End;
        nint full = last - ((last - first) % TIsa.Width);
        for (int sample = (int)samples.Start; sample < samples.End; sample++)
        {
            if (full > first)
                kernel.Compute<TIsa, TVector>(sample, first, full);
            if (last > full)
                kernel.Compute<IsaScalar, float>(sample, full, last);
        }
    }
}
