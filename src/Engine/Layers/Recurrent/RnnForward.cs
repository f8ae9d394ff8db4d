using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>One step of <see cref="RnnLayer"/>: h from the preactivation's parts.</summary>
internal unsafe struct RnnForward : ICellKernel
{
    /// <summary>W·x + b [N, T, H].</summary>
    public float* Gates;

    /// <summary>Numbers from one row of them to the next.</summary>
    public nint GateStride;

    /// <summary>U·h(t−1) [N, H].</summary>
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

    /// <summary>Whether the function is relu instead of tanh.</summary>
    public bool Relu;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Compute<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Units, row = (sample * Steps) + Step;
        float* a = Gates + (row * GateStride);
        float* product = Product + (sample * units);
        float* hidden = Hidden + (sample * units);
        float* previous = Previous is null ? null : Previous + (row * units);
        float* output = Output + (row * units);
        bool isMasked = Mask is not null && Mask[row] == 0;
        bool relu = Relu;
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector h = TIsa.Load(hidden + u);
            if (previous is not null)
                TIsa.Store(previous + u, h);
            if (!isMasked)
            {
                TVector sum = TIsa.Add(TIsa.Load(a + u), TIsa.Load(product + u));
                h = relu ? default(ReluOperator).Apply<TIsa, TVector>(sum) : default(TanhOperator).Apply<TIsa, TVector>(sum);
                TIsa.Store(hidden + u, h);
            }
            TIsa.Store(output + u, h);
        }
    }
}
