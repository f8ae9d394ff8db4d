using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>A few neighbouring vectors of one row: accumulators of a tile, or a row of the right operand's panel.</summary>
internal unsafe interface IVectorRow<TSelf, TVector>
    where TSelf : struct, IVectorRow<TSelf, TVector>
    where TVector : struct
{
    /// <summary>Numbers in the row.</summary>
    public static abstract int Length { get; }

    public static abstract TSelf Load(float* source);

    public void Store(float* destination);

    /// <summary>this + factor·other, rounded once.</summary>
    public TSelf MultiplyAdd(TVector factor, TSelf other);

    /// <summary>addend + this.</summary>
    public TSelf AddTo(float* addend);
}

internal unsafe struct Row1<TIsa, TVector> : IVectorRow<Row1<TIsa, TVector>, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private TVector _v0;

    public static int Length
    {
        [MethodImpl(Inline)]
        get => TIsa.Width;
    }

    [MethodImpl(Inline)]
    public static Row1<TIsa, TVector> Load(float* source) => new() { _v0 = TIsa.Load(source) };

    [MethodImpl(Inline)]
    public readonly void Store(float* destination) => TIsa.Store(destination, _v0);

    [MethodImpl(Inline)]
    public readonly Row1<TIsa, TVector> MultiplyAdd(TVector factor, Row1<TIsa, TVector> other) =>
        new() { _v0 = TIsa.FusedMultiplyAdd(factor, other._v0, _v0) };

    [MethodImpl(Inline)]
    public readonly Row1<TIsa, TVector> AddTo(float* addend) => new()
    {
        _v0 = TIsa.Add(TIsa.Load(addend), _v0),
    };
}

internal unsafe struct Row2<TIsa, TVector> : IVectorRow<Row2<TIsa, TVector>, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private TVector _v0;
    private TVector _v1;

    public static int Length
    {
        [MethodImpl(Inline)]
        get => 2 * TIsa.Width;
    }

    [MethodImpl(Inline)]
    public static Row2<TIsa, TVector> Load(float* source) => new()
    {
        _v0 = TIsa.Load(source),
        _v1 = TIsa.Load(source + TIsa.Width),
    };

    [MethodImpl(Inline)]
    public readonly void Store(float* destination)
    {
        TIsa.Store(destination, _v0);
        TIsa.Store(destination + TIsa.Width, _v1);
    }

    [MethodImpl(Inline)]
    public readonly Row2<TIsa, TVector> MultiplyAdd(TVector factor, Row2<TIsa, TVector> other) => new()
    {
        _v0 = TIsa.FusedMultiplyAdd(factor, other._v0, _v0),
        _v1 = TIsa.FusedMultiplyAdd(factor, other._v1, _v1),
    };

    [MethodImpl(Inline)]
    public readonly Row2<TIsa, TVector> AddTo(float* addend) => new()
    {
        _v0 = TIsa.Add(TIsa.Load(addend), _v0),
        _v1 = TIsa.Add(TIsa.Load(addend + TIsa.Width), _v1),
    };
}

internal unsafe struct Row3<TIsa, TVector> : IVectorRow<Row3<TIsa, TVector>, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private TVector _v0;
    private TVector _v1;
    private TVector _v2;

    public static int Length
    {
        [MethodImpl(Inline)]
        get => 3 * TIsa.Width;
    }

    [MethodImpl(Inline)]
    public static Row3<TIsa, TVector> Load(float* source) => new()
    {
        _v0 = TIsa.Load(source),
        _v1 = TIsa.Load(source + TIsa.Width),
        _v2 = TIsa.Load(source + (2 * TIsa.Width)),
    };

    [MethodImpl(Inline)]
    public readonly void Store(float* destination)
    {
        TIsa.Store(destination, _v0);
        TIsa.Store(destination + TIsa.Width, _v1);
        TIsa.Store(destination + (2 * TIsa.Width), _v2);
    }

    [MethodImpl(Inline)]
    public readonly Row3<TIsa, TVector> MultiplyAdd(TVector factor, Row3<TIsa, TVector> other) => new()
    {
        _v0 = TIsa.FusedMultiplyAdd(factor, other._v0, _v0),
        _v1 = TIsa.FusedMultiplyAdd(factor, other._v1, _v1),
        _v2 = TIsa.FusedMultiplyAdd(factor, other._v2, _v2),
    };

    [MethodImpl(Inline)]
    public readonly Row3<TIsa, TVector> AddTo(float* addend) => new()
    {
        _v0 = TIsa.Add(TIsa.Load(addend), _v0),
        _v1 = TIsa.Add(TIsa.Load(addend + TIsa.Width), _v1),
        _v2 = TIsa.Add(TIsa.Load(addend + (2 * TIsa.Width)), _v2),
    };
}
