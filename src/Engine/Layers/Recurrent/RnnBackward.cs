using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>One step of <see cref="RnnLayer"/> backwards: ∂L/∂a = f′·∂L/∂h(t), f′ as a function of h(t).</summary>
internal unsafe struct RnnBackward : ICellKernel
{
    /// <summary>Receives ∂L/∂a [N, T, H].</summary>
    public float* Gates;

    /// <summary>Numbers from one row of them to the next.</summary>
    public nint GateStride;

    public StepGradient Gradient;

    /// <summary>h(t) [N, T, H].</summary>
    public float* Output;

    /// <summary>Receives ∂L/∂a [N, H].</summary>
    public float* Compact;

    /// <summary>Receives ∂L/∂h of a masked step, [N, H].</summary>
    public float* Direct;

    /// <summary>Whether the function is relu instead of tanh.</summary>
    public bool Relu;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Compute<TIsa, TVector>(int sample, nint first, nint last)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint units = Gradient.Units, row = Gradient.RowOf(sample);
        Gradient.Of(sample, out float* dy, out float* direct, out float* product);
        float* h = Output + (row * units);
        float* gate = Gates + (row * GateStride);
        float* compact = Compact + (sample * units);
        float* on = Direct + (sample * units);
        bool isMasked = Gradient.IsMasked(row), relu = Relu;
        for (nint u = first; u < last; u += TIsa.Width)
        {
            TVector dh = StepGradient.Sum<TIsa, TVector>(dy, direct, product, u);
            TVector da = TIsa.Zero;
            if (isMasked)
                TIsa.Store(on + u, dh);
            else if (relu)
                da = default(ReluGradientOperator).Apply<TIsa, TVector>(TIsa.Load(h + u), dh);
            else
                da = default(TanhGradientOperator).Apply<TIsa, TVector>(TIsa.Load(h + u), dh);
            TIsa.Store(gate + u, da);
            TIsa.Store(compact + u, da);
        }
    }
}
