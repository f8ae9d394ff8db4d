using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>One step of <see cref="LstmLayer"/>: activations, cell and h from the preactivations' parts.</summary>
internal unsafe struct LstmForward : ICellKernel
{
    public LstmKernel Kernel;

    /// <summary>U·h(t−1) [N, G·H].</summary>
    public float* Product;

    /// <summary>h [N, H]: of the step before, then of this one.</summary>
    public float* Hidden;

    /// <summary>c [N, H]: of the step before, then of this one.</summary>
    public float* Cell;

    /// <summary>Receives h(t−1) [N, T, H], or null.</summary>
    public float* Previous;

    /// <summary>Receives c(t−1) [N, T, H], or null.</summary>
    public float* PreviousCells;

    /// <summary>Receives h(t) [N, T, H].</summary>
    public float* Output;

    public LstmPart Part;

    public readonly void Compute<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        if (Part != LstmPart.Output)
            ComputeCell<TIsa, TVector>(sample, first, last);
        if (Part != LstmPart.Cell)
            ComputeOutput<TIsa, TVector>(sample, first, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputeCell<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Kernel.Units, row = Kernel.RowOf(sample), width = Kernel.Blocks * units;
        float* gates = Kernel.Gates + (row * Kernel.GateStride);
        float* product = Product + (sample * width);
        float* cell = Cell + (sample * units);
        float* cells = Kernel.Cells + (row * units);
        float* previousCells = PreviousCells is null ? null : PreviousCells + (row * units);
        if (previousCells is not null)
            Copy<TIsa, TVector>(cell, previousCells, first, last);
        if (Kernel.IsMasked(row))
        {
            Copy<TIsa, TVector>(cell, cells, first, last);
            return;
        }
        bool coupled = Kernel.Coupled;
        nint f = Kernel.F * units, g = Kernel.G * units;
        float* diagonalI = Kernel.DiagonalI;
        float* diagonalF = Kernel.DiagonalF;
        float* seenByI = Kernel.SeenByI is null ? null : Kernel.SeenByI + (sample * units);
        float* seenByF = Kernel.SeenByF is null ? null : Kernel.SeenByF + (sample * units);
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector c = TIsa.Load(cell + u);
            TVector forget = Sigmoid<TIsa, TVector>(Preactivation<TIsa, TVector>(gates + f + u, product + f + u, diagonalF, seenByF, c, u));
            TIsa.Store(gates + f + u, forget);
            TVector input;
            if (coupled)
            {
                input = TIsa.Subtract(TIsa.Broadcast(1f), forget);
            }
            else
            {
                input = Sigmoid<TIsa, TVector>(Preactivation<TIsa, TVector>(gates + u, product + u, diagonalI, seenByI, c, u));
                TIsa.Store(gates + u, input);
            }
            TVector candidate = default(TanhOperator).Apply<TIsa, TVector>(TIsa.Add(TIsa.Load(gates + g + u), TIsa.Load(product + g + u)));
            TIsa.Store(gates + g + u, candidate);
            c = TIsa.FusedMultiplyAdd(forget, c, TIsa.Multiply(input, candidate));
            TIsa.Store(cell + u, c);
            TIsa.Store(cells + u, c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputeOutput<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Kernel.Units, row = Kernel.RowOf(sample), width = Kernel.Blocks * units;
        float* hidden = Hidden + (sample * units);
        float* output = Output + (row * units);
        if (Previous is not null)
            Copy<TIsa, TVector>(hidden, Previous + (row * units), first, last);
        if (Kernel.IsMasked(row))
        {
            Copy<TIsa, TVector>(hidden, output, first, last);
            return;
        }
        float* gate = Kernel.Gates + (row * Kernel.GateStride) + (Kernel.O * units);
        float* product = Product + (sample * width) + (Kernel.O * units);
        float* cell = Cell + (sample * units);
        float* diagonal = Kernel.DiagonalO;
        float* seen = Kernel.SeenByO is null ? null : Kernel.SeenByO + (sample * units);
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector c = TIsa.Load(cell + u);
            TVector o = Sigmoid<TIsa, TVector>(Preactivation<TIsa, TVector>(gate + u, product + u, diagonal, seen, c, u));
            TIsa.Store(gate + u, o);
            TVector h = TIsa.Multiply(o, default(TanhOperator).Apply<TIsa, TVector>(c));
            TIsa.Store(hidden + u, h);
            TIsa.Store(output + u, h);
        }
    }

    /// <summary>(Wx + b) + U·h, then + p·c or + P·c where there is a peephole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Preactivation<TIsa, TVector>(float* input, float* product, float* diagonal, float* seen, TVector c, nint u)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector a = TIsa.Add(TIsa.Load(input), TIsa.Load(product));
        if (diagonal is not null)
            a = TIsa.FusedMultiplyAdd(TIsa.Load(diagonal + u), c, a);
        if (seen is not null)
            a = TIsa.Add(a, TIsa.Load(seen + u));
        return a;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Sigmoid<TIsa, TVector>(TVector a)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => default(SigmoidOperator).Apply<TIsa, TVector>(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<TIsa, TVector>(float* from, float* to, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        for (nint u = first; u < last; u += TIsa.Width)
            TIsa.Store(to + u, TIsa.Load(from + u));
    }
}
