using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>
/// One step of <see cref="LstmLayer"/> backwards: ∂L/∂a of every gate in the place of its activation, and ∂L/∂c(t−1).
/// </summary>
/// <remarks>
/// With dh = ∂L/∂h(t): da_o = dh·tanh c·o(1 − o); dc = dc(t) + dh·o·(1 − tanh² c) + p_o·da_o; da_i = dc·g·i(1 − i), da_f = dc·c(t−1)·f(1 − f),
/// da_g = dc·i·(1 − g²); dc(t−1) = dc·f + p_f·da_f + p_i·da_i. Coupled: da_f = dc·(c(t−1) − g)·f(1 − f).
/// </remarks>
internal unsafe struct LstmBackward : ICellKernel
{
    public LstmKernel Kernel;
    public StepGradient Gradient;

    /// <summary>Receives ∂L/∂a of all gates, [N, G·H].</summary>
    public float* Compact;

    /// <summary>Receives ∂L/∂h of a masked step, [N, H].</summary>
    public float* Direct;

    /// <summary>∂L/∂c [N, H]: what later steps give of c(t), then of c(t−1).</summary>
    public float* CellGradient;

    /// <summary>c before the first step, [N, H].</summary>
    public float* InitialCell;

    /// <summary>Receives ∂L/∂p of this step for i, f, o, [N, T, 3, H]; null without diagonal peepholes.</summary>
    public float* PeepholeTerms;

    public LstmPart Part;

    public readonly void Compute<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        if (Part != LstmPart.Cell)
            ComputeOutput<TIsa, TVector>(sample, first, last);
        if (Part != LstmPart.Output && !Kernel.IsMasked(Kernel.RowOf(sample)))
            ComputeCell<TIsa, TVector>(sample, first, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputeOutput<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Kernel.Units, row = Kernel.RowOf(sample), width = Kernel.Blocks * units;
        Gradient.Of(sample, out float* dy, out float* direct, out float* product);
        float* terms = PeepholeTerms is null ? null : PeepholeTerms + (row * LstmKernel.PeepholeGates * units);
        float* compact = Compact + (sample * width);
        if (Kernel.IsMasked(row))
        {
            float* on = Direct + (sample * units);
            for (nint u = first; u < last; u += TIsa.Width)
                TIsa.Store(on + u, StepGradient.Sum<TIsa, TVector>(dy, direct, product, u));
            Clear<TIsa, TVector>(Kernel.Gates + (row * Kernel.GateStride), Kernel.Blocks, units, first, last);
            Clear<TIsa, TVector>(compact, Kernel.Blocks, units, first, last);
            if (terms is not null)
                Clear<TIsa, TVector>(terms, LstmKernel.PeepholeGates, units, first, last);
            return;
        }
        float* gate = Kernel.Gates + (row * Kernel.GateStride) + (Kernel.O * units);
        compact += Kernel.O * units;
        float* cells = Kernel.Cells + (row * units);
        float* cellGradient = CellGradient + (sample * units);
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector dh = StepGradient.Sum<TIsa, TVector>(dy, direct, product, u);
            TVector c = TIsa.Load(cells + u);
            TVector tanh = default(TanhOperator).Apply<TIsa, TVector>(c);
            TVector o = TIsa.Load(gate + u);
            TVector da = default(SigmoidGradientOperator).Apply<TIsa, TVector>(o, TIsa.Multiply(dh, tanh));
            TIsa.Store(gate + u, da);
            TIsa.Store(compact + u, da);
            TIsa.Store(cellGradient + u, TIsa.Add(TIsa.Load(cellGradient + u), default(TanhGradientOperator).Apply<TIsa, TVector>(tanh, TIsa.Multiply(dh, o))));
            if (terms is not null)
                TIsa.Store(terms + (2 * units) + u, TIsa.Multiply(da, c));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputeCell<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Kernel.Units, row = Kernel.RowOf(sample), width = Kernel.Blocks * units;
        float* gates = Kernel.Gates + (row * Kernel.GateStride);
        float* compact = Compact + (sample * width);
        float* cellGradient = CellGradient + (sample * units);
        float* previous = Kernel.Step == 0 ? InitialCell + (sample * units) : Kernel.Cells + ((row - 1) * units);
        float* terms = PeepholeTerms is null ? null : PeepholeTerms + (row * LstmKernel.PeepholeGates * units);
        bool coupled = Kernel.Coupled;
        nint f = Kernel.F * units, g = Kernel.G * units, o = Kernel.O * units;
        float* diagonalI = Kernel.DiagonalI;
        float* diagonalF = Kernel.DiagonalF;
        float* diagonalO = Kernel.DiagonalO;
        float* seenByO = Kernel.SeenByO is null ? null : Kernel.SeenByO + (sample * units);
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector dc = TIsa.Load(cellGradient + u);
            if (diagonalO is not null)
                dc = TIsa.FusedMultiplyAdd(TIsa.Load(diagonalO + u), TIsa.Load(gates + o + u), dc);
            if (seenByO is not null)
                dc = TIsa.Add(dc, TIsa.Load(seenByO + u));
            TVector c = TIsa.Load(previous + u);
            TVector forget = TIsa.Load(gates + f + u);
            TVector candidate = TIsa.Load(gates + g + u);
            TVector input = coupled ? TIsa.Subtract(TIsa.Broadcast(1f), forget) : TIsa.Load(gates + u);
            TVector daG = default(TanhGradientOperator).Apply<TIsa, TVector>(candidate, TIsa.Multiply(dc, input));
            TVector daF = default(SigmoidGradientOperator).Apply<TIsa, TVector>(forget, TIsa.Multiply(dc, coupled ? TIsa.Subtract(c, candidate) : c));
            TIsa.Store(gates + g + u, daG);
            TIsa.Store(compact + g + u, daG);
            TIsa.Store(gates + f + u, daF);
            TIsa.Store(compact + f + u, daF);
            TVector back = TIsa.Multiply(dc, forget);
            if (diagonalF is not null)
            {
                back = TIsa.FusedMultiplyAdd(TIsa.Load(diagonalF + u), daF, back);
                TIsa.Store(terms + units + u, TIsa.Multiply(daF, c));
            }
            if (!coupled)
            {
                TVector daI = default(SigmoidGradientOperator).Apply<TIsa, TVector>(input, TIsa.Multiply(dc, candidate));
                TIsa.Store(gates + u, daI);
                TIsa.Store(compact + u, daI);
                if (diagonalI is not null)
                {
                    back = TIsa.FusedMultiplyAdd(TIsa.Load(diagonalI + u), daI, back);
                    TIsa.Store(terms + u, TIsa.Multiply(daI, c));
                }
            }
            TIsa.Store(cellGradient + u, back);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear<TIsa, TVector>(float* blocks, nint count, nint units, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        for (nint block = 0; block < count; block++)
        {
            for (nint u = first; u < last; u += TIsa.Width)
                TIsa.Store(blocks + (block * units) + u, TIsa.Zero);
        }
    }
}
