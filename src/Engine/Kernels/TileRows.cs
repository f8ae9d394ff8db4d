using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>All rows of a tile's accumulators. Small structs of structs: the compiler keeps every vector in a register of its own.</summary>
internal unsafe interface ITileRows<TSelf, TRow>
    where TSelf : struct
    where TRow : struct
{
    static abstract int Height { get; }

    /// <summary>row i = source's row i.</summary>
    static abstract TSelf Load(float* source, nint stride);

    /// <summary>row i += a[first + i]·b. (A constant first becomes part of the instruction.)</summary>
    void MultiplyAdd(float* a, int first, TRow b);

    /// <summary>row i = addend row i + row i.</summary>
    void AddTo(float* addend, nint stride);

    /// <summary>row i = addends[i] + row i.</summary>
    void AddEach(float* addends);

    /// <summary>row i = +0 + row i: what was −0 is +0 then.</summary>
    void AddZero();

    void Store(float* destination, nint stride);
}

/// <summary>Four rows.</summary>
internal unsafe struct Rows4<TIsa, TVector, TRow> : ITileRows<Rows4<TIsa, TVector, TRow>, TRow>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private TRow _r0;
    private TRow _r1;
    private TRow _r2;
    private TRow _r3;

    public static int Height => 4;

    [MethodImpl(Inline)]
    public static Rows4<TIsa, TVector, TRow> Load(float* source, nint stride) => new()
    {
        _r0 = TRow.Load(source, 0),
        _r1 = TRow.Load(source + stride, 0),
        _r2 = TRow.Load(source + (2 * stride), 0),
        _r3 = TRow.Load(source + (3 * stride), 0),
    };

    [MethodImpl(Inline)]
    public void MultiplyAdd(float* a, int first, TRow b)
    {
        TRow.MultiplyAdd(ref _r0, TIsa.Broadcast(a[first]), b);
        TRow.MultiplyAdd(ref _r1, TIsa.Broadcast(a[first + 1]), b);
        TRow.MultiplyAdd(ref _r2, TIsa.Broadcast(a[first + 2]), b);
        TRow.MultiplyAdd(ref _r3, TIsa.Broadcast(a[first + 3]), b);
    }

    [MethodImpl(Inline)]
    public void AddTo(float* addend, nint stride)
    {
        TRow.AddTo(ref _r0, addend);
        TRow.AddTo(ref _r1, addend + stride);
        TRow.AddTo(ref _r2, addend + (2 * stride));
        TRow.AddTo(ref _r3, addend + (3 * stride));
    }

    [MethodImpl(Inline)]
    public void AddEach(float* addends)
    {
        TRow.AddTo(ref _r0, TIsa.Broadcast(addends[0]));
        TRow.AddTo(ref _r1, TIsa.Broadcast(addends[1]));
        TRow.AddTo(ref _r2, TIsa.Broadcast(addends[2]));
        TRow.AddTo(ref _r3, TIsa.Broadcast(addends[3]));
    }

    [MethodImpl(Inline)]
    public void AddZero()
    {
        TRow.AddTo(ref _r0, TIsa.Zero);
        TRow.AddTo(ref _r1, TIsa.Zero);
        TRow.AddTo(ref _r2, TIsa.Zero);
        TRow.AddTo(ref _r3, TIsa.Zero);
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

/// <summary>Eight rows.</summary>
internal unsafe struct Rows8<TIsa, TVector, TRow> : ITileRows<Rows8<TIsa, TVector, TRow>, TRow>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private Rows4<TIsa, TVector, TRow> _top;
    private Rows4<TIsa, TVector, TRow> _bottom;

    public static int Height => 8;

    [MethodImpl(Inline)]
    public static Rows8<TIsa, TVector, TRow> Load(float* source, nint stride) => new()
    {
        _top = Rows4<TIsa, TVector, TRow>.Load(source, stride),
        _bottom = Rows4<TIsa, TVector, TRow>.Load(source + (4 * stride), stride),
    };

    [MethodImpl(Inline)]
    public void MultiplyAdd(float* a, int first, TRow b)
    {
        _top.MultiplyAdd(a, first, b);
        _bottom.MultiplyAdd(a, first + 4, b);
    }

    [MethodImpl(Inline)]
    public void AddTo(float* addend, nint stride)
    {
        _top.AddTo(addend, stride);
        _bottom.AddTo(addend + (4 * stride), stride);
    }

    [MethodImpl(Inline)]
    public void AddEach(float* addends)
    {
        _top.AddEach(addends);
        _bottom.AddEach(addends + 4);
    }

    [MethodImpl(Inline)]
    public void AddZero()
    {
        _top.AddZero();
        _bottom.AddZero();
    }

    [MethodImpl(Inline)]
    public readonly void Store(float* destination, nint stride)
    {
        _top.Store(destination, stride);
        _bottom.Store(destination + (4 * stride), stride);
    }
}

/// <summary>Twelve rows.</summary>
internal unsafe struct Rows12<TIsa, TVector, TRow> : ITileRows<Rows12<TIsa, TVector, TRow>, TRow>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private Rows4<TIsa, TVector, TRow> _top;
    private Rows4<TIsa, TVector, TRow> _middle;
    private Rows4<TIsa, TVector, TRow> _bottom;

    public static int Height => 12;

    [MethodImpl(Inline)]
    public static Rows12<TIsa, TVector, TRow> Load(float* source, nint stride) => new()
    {
        _top = Rows4<TIsa, TVector, TRow>.Load(source, stride),
        _middle = Rows4<TIsa, TVector, TRow>.Load(source + (4 * stride), stride),
        _bottom = Rows4<TIsa, TVector, TRow>.Load(source + (8 * stride), stride),
    };

    [MethodImpl(Inline)]
    public void MultiplyAdd(float* a, int first, TRow b)
    {
        _top.MultiplyAdd(a, first, b);
        _middle.MultiplyAdd(a, first + 4, b);
        _bottom.MultiplyAdd(a, first + 8, b);
    }

    [MethodImpl(Inline)]
    public void AddTo(float* addend, nint stride)
    {
        _top.AddTo(addend, stride);
        _middle.AddTo(addend + (4 * stride), stride);
        _bottom.AddTo(addend + (8 * stride), stride);
    }

    [MethodImpl(Inline)]
    public void AddEach(float* addends)
    {
        _top.AddEach(addends);
        _middle.AddEach(addends + 4);
        _bottom.AddEach(addends + 8);
    }

    [MethodImpl(Inline)]
    public void AddZero()
    {
        _top.AddZero();
        _middle.AddZero();
        _bottom.AddZero();
    }

    [MethodImpl(Inline)]
    public readonly void Store(float* destination, nint stride)
    {
        _top.Store(destination, stride);
        _middle.Store(destination + (4 * stride), stride);
        _bottom.Store(destination + (8 * stride), stride);
    }
}
