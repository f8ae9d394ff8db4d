using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>A few neighbouring vectors of one row: accumulators of a tile, or a row of the right operand's panel.</summary>
internal unsafe interface IVectorRow<TSelf, TVector>
    where TSelf : struct, IVectorRow<TSelf, TVector>
    where TVector : struct
{
    /// <summary>Numbers in the row.</summary>
    static abstract int Length { get; }

    /// <summary>The row at source + offset. (A constant offset becomes part of the instruction.)</summary>
    static abstract TSelf Load(float* source, int offset);

    /// <summary>Each vector from a place of its own; a row of fewer vectors does not look at the rest.</summary>
    static abstract TSelf Gather(float* source0, float* source1, float* source2);

    void Store(float* destination);

    /// <summary>sum = factor·other + sum, rounded once. (In place: the compiler then needs no register moves.)</summary>
    static abstract void MultiplyAdd(ref TSelf sum, TVector factor, TSelf other);

    /// <summary>sum = addend + sum.</summary>
    static abstract void AddTo(ref TSelf sum, float* addend);

    /// <summary>vector = addend + vector, for each vector of the row.</summary>
    static abstract void AddTo(ref TSelf sum, TVector addend);
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
    public static Row1<TIsa, TVector> Load(float* source, int offset) => new() { _v0 = TIsa.Load(source + offset) };

    [MethodImpl(Inline)]
    public static Row1<TIsa, TVector> Gather(float* source0, float* source1, float* source2) => new() { _v0 = TIsa.Load(source0) };

    [MethodImpl(Inline)]
    public static void AddTo(ref Row1<TIsa, TVector> sum, TVector addend)
    {
        sum._v0 = TIsa.Add(addend, sum._v0);
    }

    [MethodImpl(Inline)]
    public readonly void Store(float* destination) => TIsa.Store(destination, _v0);

    [MethodImpl(Inline)]
    public static void MultiplyAdd(ref Row1<TIsa, TVector> sum, TVector factor, Row1<TIsa, TVector> other)
    {
        sum._v0 = TIsa.FusedMultiplyAdd(factor, other._v0, sum._v0);
    }

    [MethodImpl(Inline)]
    public static void AddTo(ref Row1<TIsa, TVector> sum, float* addend)
    {
        sum._v0 = TIsa.Add(TIsa.Load(addend), sum._v0);
    }
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
    public static Row2<TIsa, TVector> Load(float* source, int offset) => new()
    {
        _v0 = TIsa.Load(source + offset),
        _v1 = TIsa.Load(source + offset + TIsa.Width),
    };

    [MethodImpl(Inline)]
    public static Row2<TIsa, TVector> Gather(float* source0, float* source1, float* source2) => new() { _v0 = TIsa.Load(source0), _v1 = TIsa.Load(source1) };

    [MethodImpl(Inline)]
    public static void AddTo(ref Row2<TIsa, TVector> sum, TVector addend)
    {
        sum._v0 = TIsa.Add(addend, sum._v0);
        sum._v1 = TIsa.Add(addend, sum._v1);
    }

    [MethodImpl(Inline)]
    public readonly void Store(float* destination)
    {
        TIsa.Store(destination, _v0);
        TIsa.Store(destination + TIsa.Width, _v1);
    }

    [MethodImpl(Inline)]
    public static void MultiplyAdd(ref Row2<TIsa, TVector> sum, TVector factor, Row2<TIsa, TVector> other)
    {
        sum._v0 = TIsa.FusedMultiplyAdd(factor, other._v0, sum._v0);
        sum._v1 = TIsa.FusedMultiplyAdd(factor, other._v1, sum._v1);
    }

    [MethodImpl(Inline)]
    public static void AddTo(ref Row2<TIsa, TVector> sum, float* addend)
    {
        sum._v0 = TIsa.Add(TIsa.Load(addend), sum._v0);
        sum._v1 = TIsa.Add(TIsa.Load(addend + TIsa.Width), sum._v1);
    }
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
    public static Row3<TIsa, TVector> Load(float* source, int offset) => new()
    {
        _v0 = TIsa.Load(source + offset),
        _v1 = TIsa.Load(source + offset + TIsa.Width),
        _v2 = TIsa.Load(source + offset + (2 * TIsa.Width)),
    };

    [MethodImpl(Inline)]
    public static Row3<TIsa, TVector> Gather(float* source0, float* source1, float* source2) => new() { _v0 = TIsa.Load(source0), _v1 = TIsa.Load(source1), _v2 = TIsa.Load(source2) };

    [MethodImpl(Inline)]
    public static void AddTo(ref Row3<TIsa, TVector> sum, TVector addend)
    {
        sum._v0 = TIsa.Add(addend, sum._v0);
        sum._v1 = TIsa.Add(addend, sum._v1);
        sum._v2 = TIsa.Add(addend, sum._v2);
    }

    [MethodImpl(Inline)]
    public readonly void Store(float* destination)
    {
        TIsa.Store(destination, _v0);
        TIsa.Store(destination + TIsa.Width, _v1);
        TIsa.Store(destination + (2 * TIsa.Width), _v2);
    }

    [MethodImpl(Inline)]
    public static void MultiplyAdd(ref Row3<TIsa, TVector> sum, TVector factor, Row3<TIsa, TVector> other)
    {
        sum._v0 = TIsa.FusedMultiplyAdd(factor, other._v0, sum._v0);
        sum._v1 = TIsa.FusedMultiplyAdd(factor, other._v1, sum._v1);
        sum._v2 = TIsa.FusedMultiplyAdd(factor, other._v2, sum._v2);
    }

    [MethodImpl(Inline)]
    public static void AddTo(ref Row3<TIsa, TVector> sum, float* addend)
    {
        sum._v0 = TIsa.Add(TIsa.Load(addend), sum._v0);
        sum._v1 = TIsa.Add(TIsa.Load(addend + TIsa.Width), sum._v1);
        sum._v2 = TIsa.Add(TIsa.Load(addend + (2 * TIsa.Width)), sum._v2);
    }
}
