using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>One step of <see cref="GruLayer"/> backwards: ∂L/∂a of every gate in the place of its activation, and what goes straight on to h(t−1).</summary>
/// <remarks>
/// With dh = ∂L/∂h(t): da_n = dh·(1 − z)·(1 − n²), da_z = dh·(h(t−1) − n)·z(1 − z), and z·dh goes on. Reset after the product: da_r = da_n·(U·h + bias_hn)·r(1 − r),
/// and the product's own gradient is da_n·r. Reset before: with q = da_n·U, da_r = q·h(t−1)·r(1 − r), and q·r goes on too.
/// </remarks>
internal unsafe struct GruBackward : ICellKernel
{
    /// <summary>[N, T, 3·H].</summary>
    public float* Gates;

    /// <summary>Numbers from one row of them to the next.</summary>
    public nint GateStride;

    public StepGradient Gradient;

    /// <summary>h(t−1) [N, T, H].</summary>
    public float* Previous;

    /// <summary>Receives what the product with U takes, [N, 3·H].</summary>
    public float* Compact;

    /// <summary>Receives what goes straight on, [N, H].</summary>
    public float* Direct;

    /// <summary>da_n·U [N, H]; null where the reset is after the product.</summary>
    public float* Reset;

    /// <summary>U·h(t−1) + bias_hn, then its gradient, [N, T, H], where the reset is after the product.</summary>
    public float* CandidateParts;

    public GruPart Part;

    public readonly void Compute<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint row = Gradient.RowOf(sample);
        bool isMasked = Gradient.IsMasked(row);
        if (isMasked && Part != GruPart.Reset)
            PassOn<TIsa, TVector>(sample, row, first, last);
        if (isMasked)
            return;
        if (Part != GruPart.Reset)
            ComputeCandidate<TIsa, TVector>(sample, row, first, last);
        if (Part == GruPart.Reset)
            ComputeReset<TIsa, TVector>(sample, row, first, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputeCandidate<TIsa, TVector>(int sample, nint row, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Gradient.Units, width = 3 * units;
        Gradient.Of(sample, out float* dy, out float* direct, out float* product);
        float* gates = Gates + (row * GateStride);
        float* previous = Previous + (row * units);
        float* compact = Compact + (sample * width);
        float* on = Direct + (sample * units);
        float* parts = Part == GruPart.Both ? CandidateParts + (row * units) : null;
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector dh = StepGradient.Sum<TIsa, TVector>(dy, direct, product, u);
            TVector z = TIsa.Load(gates + units + u);
            TVector n = TIsa.Load(gates + (2 * units) + u);
            TVector da = default(TanhGradientOperator).Apply<TIsa, TVector>(n, TIsa.Multiply(dh, TIsa.Subtract(TIsa.Broadcast(1f), z)));
            TVector daZ = default(SigmoidGradientOperator).Apply<TIsa, TVector>(z, TIsa.Multiply(dh, TIsa.Subtract(TIsa.Load(previous + u), n)));
            TIsa.Store(on + u, TIsa.Multiply(dh, z));
            TIsa.Store(gates + units + u, daZ);
            TIsa.Store(compact + units + u, daZ);
            TIsa.Store(gates + (2 * units) + u, da);
            if (parts is null)
            {
                TIsa.Store(compact + (2 * units) + u, da);
                continue;
            }
            TVector r = TIsa.Load(gates + u);
            TVector daR = default(SigmoidGradientOperator).Apply<TIsa, TVector>(r, TIsa.Multiply(da, TIsa.Load(parts + u)));
            TVector dPart = TIsa.Multiply(da, r);
            TIsa.Store(gates + u, daR);
            TIsa.Store(compact + u, daR);
            TIsa.Store(parts + u, dPart);
            TIsa.Store(compact + (2 * units) + u, dPart);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputeReset<TIsa, TVector>(int sample, nint row, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Gradient.Units, width = 3 * units;
        float* gates = Gates + (row * GateStride);
        float* previous = Previous + (row * units);
        float* compact = Compact + (sample * width);
        float* on = Direct + (sample * units);
        float* reset = Reset + (sample * units);
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector q = TIsa.Load(reset + u);
            TVector r = TIsa.Load(gates + u);
            TVector daR = default(SigmoidGradientOperator).Apply<TIsa, TVector>(r, TIsa.Multiply(q, TIsa.Load(previous + u)));
            TIsa.Store(gates + u, daR);
            TIsa.Store(compact + u, daR);
            TIsa.Store(on + u, TIsa.FusedMultiplyAdd(q, r, TIsa.Load(on + u)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PassOn<TIsa, TVector>(int sample, nint row, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Gradient.Units, width = 3 * units;
        Gradient.Of(sample, out float* dy, out float* direct, out float* product);
        float* gates = Gates + (row * GateStride);
        float* compact = Compact + (sample * width);
        float* on = Direct + (sample * units);
        float* parts = Part == GruPart.Both ? CandidateParts + (row * units) : null;
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TIsa.Store(on + u, StepGradient.Sum<TIsa, TVector>(dy, direct, product, u));
            for (nint gate = 0; gate < 3; gate++)
            {
                TIsa.Store(gates + (gate * units) + u, TIsa.Zero);
                TIsa.Store(compact + (gate * units) + u, TIsa.Zero);
            }
            if (parts is not null)
                TIsa.Store(parts + u, TIsa.Zero);
        }
    }
}
