using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>Which half of a GRU's step: with the reset before the product, the candidate's product stands between the two.</summary>
internal enum GruPart
{
    /// <summary>r and z.</summary>
    Reset,

    /// <summary>n and h.</summary>
    Candidate,

    Both,
}

/// <summary>One step of <see cref="GruLayer"/>: activations and h from the preactivations' parts.</summary>
internal unsafe struct GruForward : ICellKernel
{
    /// <summary>[N, T, 3·H].</summary>
    public float* Gates;

    /// <summary>Numbers from one row of them to the next.</summary>
    public nint GateStride;

    /// <summary>U·h(t−1) [N, 3·H]; the last third U·(r·h(t−1)) where the reset is before the product.</summary>
    public float* Product;

    /// <summary>h [N, H]: of the step before, then of this one.</summary>
    public float* Hidden;

    /// <summary>Receives h(t−1) [N, T, H], or null.</summary>
    public float* Previous;

    /// <summary>Receives h(t) [N, T, H].</summary>
    public float* Output;

    /// <summary>[N, T], or null.</summary>
    public float* Mask;

    public nint Steps;
    public nint Step;

    /// <summary>H.</summary>
    public nint Units;

    /// <summary>bias_hn [H]; null where the reset is before the product.</summary>
    public float* HiddenBias;

    /// <summary>Receives r·h(t−1) [N, H]; null where the reset is after the product.</summary>
    public float* Reset;

    /// <summary>Receives r·h(t−1), or U·h(t−1) + bias_hn, [N, T, H]; or null.</summary>
    public float* CandidateParts;

    public GruPart Part;

    public readonly void Compute<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        if (Part != GruPart.Candidate)
            ComputeReset<TIsa, TVector>(sample, first, last);
        if (Part != GruPart.Reset)
            ComputeCandidate<TIsa, TVector>(sample, first, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputeReset<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Units, row = (sample * Steps) + Step, width = 3 * units;
        float* gates = Gates + (row * GateStride);
        float* product = Product + (sample * width);
        float* hidden = Hidden + (sample * units);
        float* previous = Previous is null ? null : Previous + (row * units);
        float* reset = Reset is null ? null : Reset + (sample * units);
        float* parts = Reset is null || CandidateParts is null ? null : CandidateParts + (row * units);
        bool isMasked = Mask is not null && Mask[row] == 0;
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector h = TIsa.Load(hidden + u);
            if (previous is not null)
                TIsa.Store(previous + u, h);
            TVector resetHidden = TIsa.Zero;
            if (!isMasked)
            {
                TVector r = default(SigmoidOperator).Apply<TIsa, TVector>(TIsa.Add(TIsa.Load(gates + u), TIsa.Load(product + u)));
                TVector z = default(SigmoidOperator).Apply<TIsa, TVector>(TIsa.Add(TIsa.Load(gates + units + u), TIsa.Load(product + units + u)));
                TIsa.Store(gates + u, r);
                TIsa.Store(gates + units + u, z);
                resetHidden = TIsa.Multiply(r, h);
            }
            if (reset is not null)
                TIsa.Store(reset + u, resetHidden);
            if (parts is not null)
                TIsa.Store(parts + u, resetHidden);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputeCandidate<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Units, row = (sample * Steps) + Step, width = 3 * units;
        float* gates = Gates + (row * GateStride);
        float* candidate = gates + (2 * units);
        float* product = Product + (sample * width) + (2 * units);
        float* hidden = Hidden + (sample * units);
        float* output = Output + (row * units);
        float* bias = HiddenBias;
        float* parts = bias is null || CandidateParts is null ? null : CandidateParts + (row * units);
        bool isMasked = Mask is not null && Mask[row] == 0;
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector h = TIsa.Load(hidden + u);
            TVector part = TIsa.Load(product + u);
            if (bias is not null)
                part = TIsa.Add(part, TIsa.Load(bias + u));
            if (parts is not null)
                TIsa.Store(parts + u, part);
            if (!isMasked)
            {
                TVector a = TIsa.Load(candidate + u);
                a = bias is null ? TIsa.Add(a, part) : TIsa.FusedMultiplyAdd(TIsa.Load(gates + u), part, a);
                TVector n = default(TanhOperator).Apply<TIsa, TVector>(a);
                TIsa.Store(candidate + u, n);
                TVector z = TIsa.Load(gates + units + u);
                h = TIsa.FusedMultiplyAdd(z, h, TIsa.Multiply(TIsa.Subtract(TIsa.Broadcast(1f), z), n));
                TIsa.Store(hidden + u, h);
            }
            TIsa.Store(output + u, h);
        }
    }
}
