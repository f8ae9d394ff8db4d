using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// A tile of four rows of three vectors, whose operations are written out. <see cref="Rows4{TIsa, TVector, TRow}"/> does the same by structs within structs, of which a method
/// with two loops along k would have more variables than the compiler follows: its sums would lie in memory.
/// </summary>
internal unsafe struct FourByThree<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private Row _r0;
    private Row _r1;
    private Row _r2;
    private Row _r3;

    /// <summary>Rows.</summary>
    public static int Height => 4;

    /// <summary>Columns.</summary>
    public static int Width
    {
        [MethodImpl(Inline)]
        get => 3 * TIsa.Width;
    }

    /// <summary>Numbers.</summary>
    public static int Size
    {
        [MethodImpl(Inline)]
        get => 12 * TIsa.Width;
    }

    /// <summary>element (row, column) = a[row]·b[column].</summary>
    [MethodImpl(Inline)]
    public void Begin(float* a, float* b)
    {
        TVector b0 = TIsa.Load(b), b1 = TIsa.Load(b + TIsa.Width), b2 = TIsa.Load(b + (2 * TIsa.Width));
        TVector a0 = TIsa.Broadcast(a[0]);
        _r0.V0 = TIsa.Multiply(a0, b0);
        _r0.V1 = TIsa.Multiply(a0, b1);
        _r0.V2 = TIsa.Multiply(a0, b2);
        TVector a1 = TIsa.Broadcast(a[1]);
        _r1.V0 = TIsa.Multiply(a1, b0);
        _r1.V1 = TIsa.Multiply(a1, b1);
        _r1.V2 = TIsa.Multiply(a1, b2);
        TVector a2 = TIsa.Broadcast(a[2]);
        _r2.V0 = TIsa.Multiply(a2, b0);
        _r2.V1 = TIsa.Multiply(a2, b1);
        _r2.V2 = TIsa.Multiply(a2, b2);
        TVector a3 = TIsa.Broadcast(a[3]);
        _r3.V0 = TIsa.Multiply(a3, b0);
        _r3.V1 = TIsa.Multiply(a3, b1);
        _r3.V2 = TIsa.Multiply(a3, b2);
    }

    /// <summary>element (row, column) += a[row]·b[column] of the k-th row of both panels. (A constant k becomes part of the instructions.)</summary>
    [MethodImpl(Inline)]
    public void MultiplyAdd(float* a, float* b, int k)
    {
        TVector b0 = TIsa.Load(b + (k * Width)), b1 = TIsa.Load(b + (k * Width) + TIsa.Width), b2 = TIsa.Load(b + (k * Width) + (2 * TIsa.Width));
        TVector a0 = TIsa.Broadcast(a[(k * Height)]);
        _r0.V0 = TIsa.FusedMultiplyAdd(a0, b0, _r0.V0);
        _r0.V1 = TIsa.FusedMultiplyAdd(a0, b1, _r0.V1);
        _r0.V2 = TIsa.FusedMultiplyAdd(a0, b2, _r0.V2);
        TVector a1 = TIsa.Broadcast(a[(k * Height) + 1]);
        _r1.V0 = TIsa.FusedMultiplyAdd(a1, b0, _r1.V0);
        _r1.V1 = TIsa.FusedMultiplyAdd(a1, b1, _r1.V1);
        _r1.V2 = TIsa.FusedMultiplyAdd(a1, b2, _r1.V2);
        TVector a2 = TIsa.Broadcast(a[(k * Height) + 2]);
        _r2.V0 = TIsa.FusedMultiplyAdd(a2, b0, _r2.V0);
        _r2.V1 = TIsa.FusedMultiplyAdd(a2, b1, _r2.V1);
        _r2.V2 = TIsa.FusedMultiplyAdd(a2, b2, _r2.V2);
        TVector a3 = TIsa.Broadcast(a[(k * Height) + 3]);
        _r3.V0 = TIsa.FusedMultiplyAdd(a3, b0, _r3.V0);
        _r3.V1 = TIsa.FusedMultiplyAdd(a3, b1, _r3.V1);
        _r3.V2 = TIsa.FusedMultiplyAdd(a3, b2, _r3.V2);
    }

    /// <summary>element = addend's element + element. The addend's rows lie one after another.</summary>
    [MethodImpl(Inline)]
    public void Add(float* addend)
    {
        _r0.V0 = TIsa.Add(TIsa.Load(addend), _r0.V0);
        _r0.V1 = TIsa.Add(TIsa.Load(addend + TIsa.Width), _r0.V1);
        _r0.V2 = TIsa.Add(TIsa.Load(addend + (2 * TIsa.Width)), _r0.V2);
        _r1.V0 = TIsa.Add(TIsa.Load(addend + Width), _r1.V0);
        _r1.V1 = TIsa.Add(TIsa.Load(addend + Width + TIsa.Width), _r1.V1);
        _r1.V2 = TIsa.Add(TIsa.Load(addend + Width + (2 * TIsa.Width)), _r1.V2);
        _r2.V0 = TIsa.Add(TIsa.Load(addend + (2 * Width)), _r2.V0);
        _r2.V1 = TIsa.Add(TIsa.Load(addend + (2 * Width) + TIsa.Width), _r2.V1);
        _r2.V2 = TIsa.Add(TIsa.Load(addend + (2 * Width) + (2 * TIsa.Width)), _r2.V2);
        _r3.V0 = TIsa.Add(TIsa.Load(addend + (3 * Width)), _r3.V0);
        _r3.V1 = TIsa.Add(TIsa.Load(addend + (3 * Width) + TIsa.Width), _r3.V1);
        _r3.V2 = TIsa.Add(TIsa.Load(addend + (3 * Width) + (2 * TIsa.Width)), _r3.V2);
    }

    /// <summary>element = addend's element + element, each stored at once: the stores need not wait for the last addition.</summary>
    [MethodImpl(Inline)]
    public void AddAndStore(float* addend, float* destination)
    {
        _r0.V0 = TIsa.Add(TIsa.Load(addend), _r0.V0);
        TIsa.Store(destination, _r0.V0);
        _r0.V1 = TIsa.Add(TIsa.Load(addend + TIsa.Width), _r0.V1);
        TIsa.Store(destination + TIsa.Width, _r0.V1);
        _r0.V2 = TIsa.Add(TIsa.Load(addend + (2 * TIsa.Width)), _r0.V2);
        TIsa.Store(destination + (2 * TIsa.Width), _r0.V2);
        _r1.V0 = TIsa.Add(TIsa.Load(addend + Width), _r1.V0);
        TIsa.Store(destination + Width, _r1.V0);
        _r1.V1 = TIsa.Add(TIsa.Load(addend + Width + TIsa.Width), _r1.V1);
        TIsa.Store(destination + Width + TIsa.Width, _r1.V1);
        _r1.V2 = TIsa.Add(TIsa.Load(addend + Width + (2 * TIsa.Width)), _r1.V2);
        TIsa.Store(destination + Width + (2 * TIsa.Width), _r1.V2);
        _r2.V0 = TIsa.Add(TIsa.Load(addend + (2 * Width)), _r2.V0);
        TIsa.Store(destination + (2 * Width), _r2.V0);
        _r2.V1 = TIsa.Add(TIsa.Load(addend + (2 * Width) + TIsa.Width), _r2.V1);
        TIsa.Store(destination + (2 * Width) + TIsa.Width, _r2.V1);
        _r2.V2 = TIsa.Add(TIsa.Load(addend + (2 * Width) + (2 * TIsa.Width)), _r2.V2);
        TIsa.Store(destination + (2 * Width) + (2 * TIsa.Width), _r2.V2);
        _r3.V0 = TIsa.Add(TIsa.Load(addend + (3 * Width)), _r3.V0);
        TIsa.Store(destination + (3 * Width), _r3.V0);
        _r3.V1 = TIsa.Add(TIsa.Load(addend + (3 * Width) + TIsa.Width), _r3.V1);
        TIsa.Store(destination + (3 * Width) + TIsa.Width, _r3.V1);
        _r3.V2 = TIsa.Add(TIsa.Load(addend + (3 * Width) + (2 * TIsa.Width)), _r3.V2);
        TIsa.Store(destination + (3 * Width) + (2 * TIsa.Width), _r3.V2);
    }

    /// <summary>element = +0 + element: what was −0 is +0 then.</summary>
    [MethodImpl(Inline)]
    public void AddZero()
    {
        _r0.V0 = TIsa.Add(TIsa.Zero, _r0.V0);
        _r0.V1 = TIsa.Add(TIsa.Zero, _r0.V1);
        _r0.V2 = TIsa.Add(TIsa.Zero, _r0.V2);
        _r1.V0 = TIsa.Add(TIsa.Zero, _r1.V0);
        _r1.V1 = TIsa.Add(TIsa.Zero, _r1.V1);
        _r1.V2 = TIsa.Add(TIsa.Zero, _r1.V2);
        _r2.V0 = TIsa.Add(TIsa.Zero, _r2.V0);
        _r2.V1 = TIsa.Add(TIsa.Zero, _r2.V1);
        _r2.V2 = TIsa.Add(TIsa.Zero, _r2.V2);
        _r3.V0 = TIsa.Add(TIsa.Zero, _r3.V0);
        _r3.V1 = TIsa.Add(TIsa.Zero, _r3.V1);
        _r3.V2 = TIsa.Add(TIsa.Zero, _r3.V2);
    }

    /// <param name="destination">Where the first row goes.</param>
    /// <param name="stride">From one row of the destination to the next.</param>
    [MethodImpl(Inline)]
    public readonly void Store(float* destination, nint stride)
    {
        TIsa.Store(destination, _r0.V0);
        TIsa.Store(destination + TIsa.Width, _r0.V1);
        TIsa.Store(destination + (2 * TIsa.Width), _r0.V2);
        TIsa.Store(destination + stride, _r1.V0);
        TIsa.Store(destination + stride + TIsa.Width, _r1.V1);
        TIsa.Store(destination + stride + (2 * TIsa.Width), _r1.V2);
        TIsa.Store(destination + (2 * stride), _r2.V0);
        TIsa.Store(destination + (2 * stride) + TIsa.Width, _r2.V1);
        TIsa.Store(destination + (2 * stride) + (2 * TIsa.Width), _r2.V2);
        TIsa.Store(destination + (3 * stride), _r3.V0);
        TIsa.Store(destination + (3 * stride) + TIsa.Width, _r3.V1);
        TIsa.Store(destination + (3 * stride) + (2 * TIsa.Width), _r3.V2);
    }

    private struct Row
    {
        public TVector V0;
        public TVector V1;
        public TVector V2;
    }
}
