using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Engine.Simd;

/// <summary>Vectors of 512 bits: 16 lanes.</summary>
public readonly unsafe struct Isa512 : ISimd<Vector512<float>>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Width
    {
        [MethodImpl(Inline)]
        get => 16;
    }

    public static Vector512<float> Zero
    {
        [MethodImpl(Inline)]
        get => Vector512<float>.Zero;
    }

    [MethodImpl(Inline)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(Inline)]
    public static void Store(float* destination, Vector512<float> value) => value.Store(destination);

    [MethodImpl(Inline)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(Inline)]
    public static Vector512<float> BroadcastBits(int bits) => Vector512.Create(bits).AsSingle();

    [MethodImpl(Inline)]
    public static Vector512<float> FusedMultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(Inline)]
    public static Vector512<float> SquareRoot(Vector512<float> a) => Vector512.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector512<float> And(Vector512<float> a, Vector512<float> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector512<float> Or(Vector512<float> a, Vector512<float> b) => a | b;

    [MethodImpl(Inline)]
    public static Vector512<float> Xor(Vector512<float> a, Vector512<float> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector512<float> AddBits(Vector512<float> a, Vector512<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(Inline)]
    public static Vector512<float> SubtractBits(Vector512<float> a, Vector512<float> b) => (a.AsInt32() - b.AsInt32()).AsSingle();

    [MethodImpl(Inline)]
    public static Vector512<float> ShiftBitsLeft(Vector512<float> a, int count) => (a.AsInt32() << count).AsSingle();

    [MethodImpl(Inline)]
    public static Vector512<float> ShiftBitsRight(Vector512<float> a, int count) => (a.AsInt32() >> count).AsSingle();

    [MethodImpl(Inline)]
    public static Vector512<float> ToFloat(Vector512<float> bits) => Vector512.ConvertToSingle(bits.AsInt32());

    [MethodImpl(Inline)]
    public static Vector512<float> LessThan(Vector512<float> a, Vector512<float> b) => Vector512.LessThan(a, b);

    [MethodImpl(Inline)]
    public static Vector512<float> Equals(Vector512<float> a, Vector512<float> b) => Vector512.Equals(a, b);

    [MethodImpl(Inline)]
    public static Vector512<float> Select(Vector512<float> mask, Vector512<float> a, Vector512<float> b) => Vector512.ConditionalSelect(mask, a, b);

    [MethodImpl(Inline)]
    public static Vector512<float> Minimum(Vector512<float> a, Vector512<float> b) =>
        Avx512F.IsSupported ? Avx512F.Min(a, b) : Vector512.ConditionalSelect(Vector512.LessThan(a, b), a, b);

    [MethodImpl(Inline)]
    public static bool Any(Vector512<float> mask) => mask.ExtractMostSignificantBits() != 0;

    [MethodImpl(Inline)]
    public static void LoadPairs(float* source, out Vector512<float> even, out Vector512<float> odd)
    {
        if (Avx512F.IsSupported)
        {
            TakeApart(Load(source), Load(source + 16), out even, out odd);
            return;
        }
        Isa256.LoadPairs(source, out Vector256<float> lowEven, out Vector256<float> lowOdd);
        Isa256.LoadPairs(source + 16, out Vector256<float> highEven, out Vector256<float> highOdd);
        even = Vector512.Create(lowEven, highEven);
        odd = Vector512.Create(lowOdd, highOdd);
    }

    [MethodImpl(Inline)]
    public static void LoadFours(float* source, out Vector512<float> first, out Vector512<float> second, out Vector512<float> third, out Vector512<float> fourth)
    {
        if (Avx512F.IsSupported)
        {
            LoadPairs(source, out Vector512<float> lowEven, out Vector512<float> lowOdd);
            LoadPairs(source + 32, out Vector512<float> highEven, out Vector512<float> highOdd);
            TakeApart(lowEven, highEven, out first, out third);
            TakeApart(lowOdd, highOdd, out second, out fourth);
            return;
        }
        Isa256.LoadFours(source, out Vector256<float> low0, out Vector256<float> low1, out Vector256<float> low2, out Vector256<float> low3);
        Isa256.LoadFours(source + 32, out Vector256<float> high0, out Vector256<float> high1, out Vector256<float> high2, out Vector256<float> high3);
        first = Vector512.Create(low0, high0);
        second = Vector512.Create(low1, high1);
        third = Vector512.Create(low2, high2);
        fourth = Vector512.Create(low3, high3);
    }

    [MethodImpl(Inline)]
    private static void TakeApart(Vector512<float> low, Vector512<float> high, out Vector512<float> even, out Vector512<float> odd)
    {
        even = Avx512F.PermuteVar16x32x2(low, Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), high);
        odd = Avx512F.PermuteVar16x32x2(low, Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), high);
    }
}
