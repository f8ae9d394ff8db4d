using System.Runtime.CompilerServices;
using Lockstep.Engine.Functions;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

internal readonly struct ExpOperator : IUnaryOperator
{
    public static bool IsChain => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => FloatFunctions<TIsa, TVector>.Exp(x);
}

internal readonly struct LogOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => FloatFunctions<TIsa, TVector>.Log(x);
}

internal readonly struct TanhOperator : IUnaryOperator
{
    public static bool IsChain => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => FloatFunctions<TIsa, TVector>.Tanh(x);
}

internal readonly struct SigmoidOperator : IUnaryOperator
{
    public static bool IsChain => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => FloatFunctions<TIsa, TVector>.Sigmoid(x);
}

/// <summary>0 below zero, else x: NaN passes, and the zeros of both signs stay what they are.</summary>
internal readonly struct ReluOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Select(TIsa.LessThan(x, TIsa.Zero), TIsa.Zero, x);
}

/// <summary>The gradient y where the activation x is above zero (or NaN), else +0.</summary>
internal readonly struct ReluGradientOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector off = TIsa.Or(TIsa.LessThan(x, TIsa.Zero), TIsa.Equals(x, TIsa.Zero));
        return TIsa.Select(off, TIsa.Zero, y);
    }
}

/// <summary>x above zero, else slope·x: NaN passes.</summary>
internal readonly struct LeakyReluOperator(float slope) : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Select(TIsa.LessThan(TIsa.Zero, x), x, TIsa.Multiply(x, TIsa.Broadcast(slope)));
}

/// <summary>The gradient y where the activation x is above zero, else slope·y.</summary>
internal readonly struct LeakyReluGradientOperator(float slope) : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Select(TIsa.LessThan(TIsa.Zero, x), y, TIsa.Multiply(y, TIsa.Broadcast(slope)));
}

internal readonly struct ScaleOperator(float factor) : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Multiply(x, TIsa.Broadcast(factor));
}

internal readonly struct DivideOperator(float divisor) : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Divide(x, TIsa.Broadcast(divisor));
}

internal readonly struct AddOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Add(x, y);
}

internal readonly struct SubtractOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Subtract(x, y);
}

internal readonly struct MultiplyOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Multiply(x, y);
}

/// <summary>factor·x + y, rounded once.</summary>
internal readonly struct MultiplyAddOperator(float factor) : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.FusedMultiplyAdd(TIsa.Broadcast(factor), x, y);
}

/// <summary>y·(1 − x²): the gradient of tanh from its result x.</summary>
internal readonly struct TanhGradientOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct =>
        TIsa.Multiply(y, TIsa.FusedMultiplyAdd(TIsa.Subtract(TIsa.Zero, x), x, TIsa.Broadcast(1f)));
}

/// <summary>y·x·(1 − x): the gradient of the sigmoid from its result x.</summary>
internal readonly struct SigmoidGradientOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct =>
        TIsa.Multiply(y, TIsa.Multiply(x, TIsa.Subtract(TIsa.Broadcast(1f), x)));
}
