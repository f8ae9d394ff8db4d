using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>
/// ∂L/∂h(t) of one step: that of the output, then what step t + 1 passes straight on, then what comes back through its product with U. After the last step
/// there is instead what depends on the state that is carried out.
/// </summary>
internal unsafe struct StepGradient
{
    /// <summary>∂L/∂output [N, T, H].</summary>
    public float* Output;

    /// <summary>[N, H]: what step t + 1 passes on beside its products; all of it where that step is masked.</summary>
    public float* Direct;

    /// <summary>[N, H]: what comes back through the product with U.</summary>
    public float* Product;

    /// <summary>∂L/∂carried [N, H] for the last step, or null.</summary>
    public float* Carried;

    /// <summary>[N, T], or null.</summary>
    public float* Mask;

    /// <summary>Whether a step that is not masked passes something on beside its product.</summary>
    public bool AlwaysDirect;

    public nint Steps;
    public nint Step;

    /// <summary>H.</summary>
    public nint Units;

    /// <summary>The row of this step in [N, T, …].</summary>
    public readonly nint RowOf(int sample) => (sample * Steps) + Step;

    /// <summary>Whether the step of a row is masked.</summary>
    public readonly bool IsMasked(nint row) => Mask is not null && Mask[row] == 0;

    /// <summary>The parts for one sample; those that do not exist are null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Of(int sample, out float* output, out float* direct, out float* product)
    {
        nint at = sample * Units, row = RowOf(sample);
        output = Output + (row * Units);
        if (Step == Steps - 1)
        {
            direct = Carried is null ? null : Carried + at;
            product = null;
            return;
        }
        bool nextIsMasked = IsMasked(row + 1);
        direct = nextIsMasked || AlwaysDirect ? Direct + at : null;
        product = nextIsMasked ? null : Product + at;
    }

    /// <summary>The sum of the parts, in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sum<TIsa, TVector>(float* output, float* direct, float* product, nint unit)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector sum = TIsa.Load(output + unit);
        if (direct is not null)
            sum = TIsa.Add(sum, TIsa.Load(direct + unit));
        if (product is not null)
            sum = TIsa.Add(sum, TIsa.Load(product + unit));
        return sum;
    }
}
