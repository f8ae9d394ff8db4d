using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>Four rows of a tile's accumulators.</summary>
internal unsafe struct Row4<TIsa, TVector, TRow>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private TRow _r0;
    private TRow _r1;
    private TRow _r2;
    private TRow _r3;

    /// <summary>row i += a[i]·b.</summary>
    [MethodImpl(Inline)]
    public void MultiplyAdd(float* a, TRow b)
    {
        _r0 = _r0.MultiplyAdd(TIsa.Broadcast(a[0]), b);
        _r1 = _r1.MultiplyAdd(TIsa.Broadcast(a[1]), b);
        _r2 = _r2.MultiplyAdd(TIsa.Broadcast(a[2]), b);
        _r3 = _r3.MultiplyAdd(TIsa.Broadcast(a[3]), b);
    }

    /// <summary>row i = addend row i + row i.</summary>
    [MethodImpl(Inline)]
    public void AddTo(float* addend, nint stride)
    {
        _r0 = TRow.Load(addend).Add(_r0);
        _r1 = TRow.Load(addend + stride).Add(_r1);
        _r2 = TRow.Load(addend + (2 * stride)).Add(_r2);
        _r3 = TRow.Load(addend + (3 * stride)).Add(_r3);
    }

    [MethodImpl(Inline)]
    public readonly void Store(float* destination, nint stride)
    {
        _r0.Store(destination);
        _r1.Store(destination + stride);
        _r2.Store(destination + (2 * stride));
        _r3.Store(destination + (3 * stride));
    }
}
