using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Normalization;

/// <summary>x² + y, rounded once.</summary>
internal readonly struct AddSquareOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.FusedMultiplyAdd(x, x, y);
}

/// <summary>k + alpha·x, rounded once.</summary>
internal readonly struct ScaleOffsetOperator(float alpha, float k) : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.FusedMultiplyAdd(TIsa.Broadcast(alpha), x, TIsa.Broadcast(k));
}

/// <summary>x to the power 0.75, as √x·√√x: two exactly rounded roots and a product.</summary>
internal readonly struct ThreeQuarterPowerOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector root = TIsa.SquareRoot(x);
        return TIsa.Multiply(root, TIsa.SquareRoot(root));
    }
}

/// <summary>x/y.</summary>
internal readonly struct QuotientOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Divide(x, y);
}
