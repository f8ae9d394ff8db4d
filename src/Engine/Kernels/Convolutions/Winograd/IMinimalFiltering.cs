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

    /// <summary>Bᵀ·d along one axis, lane by lane: p numbers of m + r − 1.</summary>
    /// <param name="d">The first number's lanes.</param>
    /// <param name="step">From one number to the next.</param>
    /// <param name="to">The first result's lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    static abstract void Window<TIsa, TVector>(float* d, nint step, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;

    /// <summary>The same for neighbouring tiles of a line, each of which is a lane.</summary>
    /// <param name="line">m·(lanes + 1) numbers, of which the tiles see m + r − 1 each, m apart; those that they do not see are only read.</param>
    /// <param name="to">The first result's lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    static abstract void WindowOfTiles<TIsa, TVector>(float* line, float* to, nint stride)
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

    /// <summary>A·y along one axis, lane by lane: p numbers of m. It is what <see cref="Products"/> is the transposed of.</summary>
    /// <param name="y">The first number's lanes.</param>
    /// <param name="step">From one number to the next.</param>
    /// <param name="to">The first result's lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    static abstract void Places<TIsa, TVector>(float* y, nint step, float* to, nint stride)
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
