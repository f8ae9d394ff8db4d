using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// The transforms of a minimal filtering F(m×m, r×r) with p×p products, Y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A (Winograd 1980; Lavin and Gray 2016, arXiv:1509.09308), and of its transposed, which gives the filters' gradient.
/// A lane is a tile, or where it begins with a filter or ends in one's gradient, a filter. All are additions, and multiplications by ½, in one order.
/// </summary>
internal unsafe interface IMinimalFiltering
{
    /// <summary>m, which the compiler takes for a constant: 2 or 4.</summary>
    static abstract int TileSize { get; }

    /// <summary>G·g·Gᵀ, lane by lane.</summary>
    /// <param name="taps">g [r, r, lanes], overwritten with [p, r, lanes].</param>
    /// <param name="isRotated">Whether the taps are read from the last to the first.</param>
    /// <param name="lanes">Lanes, whole vectors: filters.</param>
    /// <param name="result">The first of the p² results' lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    static abstract void Filters<TIsa, TVector>(float* taps, bool isRotated, int lanes, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;

    /// <summary>Bᵀ·d·B, lane by lane.</summary>
    /// <param name="windows">d [m + r − 1, m + r − 1, width], overwritten with [p, m + r − 1, width].</param>
    /// <param name="width">Lanes.</param>
    /// <param name="result">The first of the p² results' lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    static abstract void Windows<TIsa, TVector>(float* windows, int width, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;

    /// <summary>Aᵀ·M·A and the bias, lane by lane.</summary>
    /// <param name="sums">M: the first of the p² products' lanes, overwritten.</param>
    /// <param name="stride">From one product to the next.</param>
    /// <param name="bias">What is added.</param>
    /// <param name="hasBias">Whether it is.</param>
    /// <param name="width">Lanes.</param>
    /// <param name="places">[m, m, width], written.</param>
    static abstract void Products<TIsa, TVector>(float* sums, nint stride, float bias, bool hasBias, int width, float* places)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;

    /// <summary>A·y·Aᵀ, lane by lane: what <see cref="Products"/> is the transposed of.</summary>
    /// <param name="places">y [m, m, width], overwritten with [p, m, width].</param>
    /// <param name="width">Lanes.</param>
    /// <param name="result">The first of the p² results' lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    static abstract void Places<TIsa, TVector>(float* places, int width, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;

    /// <summary>Gᵀ·M·G, lane by lane.</summary>
    /// <param name="sums">M [p², lanes], overwritten.</param>
    /// <param name="lanes">Lanes, whole vectors.</param>
    /// <param name="taps">[r², lanes], written.</param>
    static abstract void Gradients<TIsa, TVector>(float* sums, nint lanes, float* taps)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;
}
