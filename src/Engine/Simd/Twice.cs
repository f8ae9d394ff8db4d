using System.Runtime.CompilerServices;

namespace Lockstep.Engine.Simd;

/// <summary>Two vectors that go through the same operations.</summary>
public struct Pair<TVector>
    where TVector : struct
{
    public TVector First;
    public TVector Second;
}

/// <summary>
/// Two vectors at a time, each operation on the one and then on the other: in a long chain of dependent operations a processor has the second's to do while it waits
/// for the first's results, without having to look a whole chain ahead. The bits are those of <typeparamref name="TIsa"/>.
/// </summary>
public readonly unsafe struct Twice<TIsa, TVector> : ISimd<Pair<TVector>>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Width
    {
        [MethodImpl(Inline)]
        get => 2 * TIsa.Width;
    }

    public static Pair<TVector> Zero
    {
        [MethodImpl(Inline)]
        get => Of(TIsa.Zero, TIsa.Zero);
    }

    [MethodImpl(Inline)]
    public static Pair<TVector> Load(float* source) => Of(TIsa.Load(source), TIsa.Load(source + TIsa.Width));

    [MethodImpl(Inline)]
    public static void Store(float* destination, Pair<TVector> value)
    {
        TIsa.Store(destination, value.First);
        TIsa.Store(destination + TIsa.Width, value.Second);
    }

    [MethodImpl(Inline)]
    public static Pair<TVector> Broadcast(float value) => Of(TIsa.Broadcast(value), TIsa.Broadcast(value));

    [MethodImpl(Inline)]
    public static Pair<TVector> BroadcastBits(int bits) => Of(TIsa.BroadcastBits(bits), TIsa.BroadcastBits(bits));

    [MethodImpl(Inline)]
    public static Pair<TVector> FusedMultiplyAdd(Pair<TVector> a, Pair<TVector> b, Pair<TVector> c) =>
        Of(TIsa.FusedMultiplyAdd(a.First, b.First, c.First), TIsa.FusedMultiplyAdd(a.Second, b.Second, c.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Add(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.Add(a.First, b.First), TIsa.Add(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Subtract(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.Subtract(a.First, b.First), TIsa.Subtract(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Multiply(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.Multiply(a.First, b.First), TIsa.Multiply(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Divide(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.Divide(a.First, b.First), TIsa.Divide(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> SquareRoot(Pair<TVector> a) => Of(TIsa.SquareRoot(a.First), TIsa.SquareRoot(a.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> And(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.And(a.First, b.First), TIsa.And(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Or(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.Or(a.First, b.First), TIsa.Or(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Xor(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.Xor(a.First, b.First), TIsa.Xor(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> AddBits(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.AddBits(a.First, b.First), TIsa.AddBits(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> SubtractBits(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.SubtractBits(a.First, b.First), TIsa.SubtractBits(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> ShiftBitsLeft(Pair<TVector> a, int count) => Of(TIsa.ShiftBitsLeft(a.First, count), TIsa.ShiftBitsLeft(a.Second, count));

    [MethodImpl(Inline)]
    public static Pair<TVector> ShiftBitsRight(Pair<TVector> a, int count) => Of(TIsa.ShiftBitsRight(a.First, count), TIsa.ShiftBitsRight(a.Second, count));

    [MethodImpl(Inline)]
    public static Pair<TVector> ToFloat(Pair<TVector> bits) => Of(TIsa.ToFloat(bits.First), TIsa.ToFloat(bits.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> LessThan(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.LessThan(a.First, b.First), TIsa.LessThan(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Equals(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.Equals(a.First, b.First), TIsa.Equals(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Select(Pair<TVector> mask, Pair<TVector> a, Pair<TVector> b) =>
        Of(TIsa.Select(mask.First, a.First, b.First), TIsa.Select(mask.Second, a.Second, b.Second));

    [MethodImpl(Inline)]
    public static Pair<TVector> Minimum(Pair<TVector> a, Pair<TVector> b) => Of(TIsa.Minimum(a.First, b.First), TIsa.Minimum(a.Second, b.Second));

    [MethodImpl(Inline)]
    public static bool Any(Pair<TVector> mask) => TIsa.Any(TIsa.Or(mask.First, mask.Second));

    [MethodImpl(Inline)]
    private static Pair<TVector> Of(TVector first, TVector second) => new() { First = first, Second = second };

    [MethodImpl(Inline)]
    public static void LoadPairs(float* source, out Pair<TVector> even, out Pair<TVector> odd)
    {
        TIsa.LoadPairs(source, out even.First, out odd.First);
        TIsa.LoadPairs(source + (2 * TIsa.Width), out even.Second, out odd.Second);
    }

    [MethodImpl(Inline)]
    public static void LoadFours(float* source, out Pair<TVector> first, out Pair<TVector> second, out Pair<TVector> third, out Pair<TVector> fourth)
    {
        TIsa.LoadFours(source, out first.First, out second.First, out third.First, out fourth.First);
        TIsa.LoadFours(source + (4 * TIsa.Width), out first.Second, out second.Second, out third.Second, out fourth.Second);
    }
}
