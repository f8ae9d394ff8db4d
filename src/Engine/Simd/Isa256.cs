using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Engine.Simd;

/// <summary>Vectors of 256 bits: 8 lanes.</summary>
public readonly unsafe struct Isa256 : ISimd<Vector256<float>>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Width
    {
        [MethodImpl(Inline)]
        get => 8;
    }

    public static Vector256<float> Zero
    {
        [MethodImpl(Inline)]
        get => Vector256<float>.Zero;
    }

    [MethodImpl(Inline)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(Inline)]
    public static void Store(float* destination, Vector256<float> value) => value.Store(destination);

    [MethodImpl(Inline)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(Inline)]
    public static Vector256<float> BroadcastBits(int bits) => Vector256.Create(bits).AsSingle();

    [MethodImpl(Inline)]
    public static Vector256<float> FusedMultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    [MethodImpl(Inline)]
    public static Vector256<float> SquareRoot(Vector256<float> a) => Vector256.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector256<float> And(Vector256<float> a, Vector256<float> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector256<float> Or(Vector256<float> a, Vector256<float> b) => a | b;

    [MethodImpl(Inline)]
    public static Vector256<float> Xor(Vector256<float> a, Vector256<float> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector256<float> AddBits(Vector256<float> a, Vector256<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(Inline)]
    public static Vector256<float> SubtractBits(Vector256<float> a, Vector256<float> b) => (a.AsInt32() - b.AsInt32()).AsSingle();

    [MethodImpl(Inline)]
    public static Vector256<float> ShiftBitsLeft(Vector256<float> a, int count) => (a.AsInt32() << count).AsSingle();

    [MethodImpl(Inline)]
    public static Vector256<float> ShiftBitsRight(Vector256<float> a, int count) => (a.AsInt32() >> count).AsSingle();

    [MethodImpl(Inline)]
    public static Vector256<float> ToFloat(Vector256<float> bits) => Vector256.ConvertToSingle(bits.AsInt32());

    [MethodImpl(Inline)]
    public static Vector256<float> LessThan(Vector256<float> a, Vector256<float> b) => Vector256.LessThan(a, b);

    [MethodImpl(Inline)]
    public static Vector256<float> Equals(Vector256<float> a, Vector256<float> b) => Vector256.Equals(a, b);

    // One instruction, which the compiler finds for a mask in sight only.
    [MethodImpl(Inline)]
    public static Vector256<float> Select(Vector256<float> mask, Vector256<float> a, Vector256<float> b) =>
        Avx.IsSupported ? Avx.BlendVariable(b, a, mask) : Vector256.ConditionalSelect(mask, a, b);

    [MethodImpl(Inline)]
    public static Vector256<float> Minimum(Vector256<float> a, Vector256<float> b) =>
        Avx.IsSupported ? Avx.Min(a, b) : Vector256.ConditionalSelect(Vector256.LessThan(a, b), a, b);

    [MethodImpl(Inline)]
    public static bool Any(Vector256<float> mask) => mask.ExtractMostSignificantBits() != 0;

    // Quarters are loaded where the instructions, which stay within halves, leave their numbers in order.
    [MethodImpl(Inline)]
    public static void LoadPairs(float* source, out Vector256<float> even, out Vector256<float> odd) =>
        TakeApart(LoadHalves(source, source + 8), LoadHalves(source + 4, source + 12), out even, out odd);

    [MethodImpl(Inline)]
    public static void LoadFours(float* source, out Vector256<float> first, out Vector256<float> second, out Vector256<float> third, out Vector256<float> fourth)
    {
        TakeApart(LoadHalves(source, source + 16), LoadHalves(source + 4, source + 20), out Vector256<float> lowEven, out Vector256<float> lowOdd);
        TakeApart(LoadHalves(source + 8, source + 24), LoadHalves(source + 12, source + 28), out Vector256<float> highEven, out Vector256<float> highOdd);
        TakeApart(lowEven, highEven, out first, out third);
        TakeApart(lowOdd, highOdd, out second, out fourth);
    }

    [MethodImpl(Inline)]
    private static Vector256<float> LoadHalves(float* lower, float* upper) => Vector256.Create(Vector128.Load(lower), Vector128.Load(upper));

    // Within each half.
    [MethodImpl(Inline)]
    private static void TakeApart(Vector256<float> low, Vector256<float> high, out Vector256<float> even, out Vector256<float> odd)
    {
        if (Avx.IsSupported)
        {
            even = Avx.Shuffle(low, high, 0b10_00_10_00);
            odd = Avx.Shuffle(low, high, 0b11_01_11_01);
        }
        else
        {
            even = Vector256.Create(low[0], low[2], high[0], high[2], low[4], low[6], high[4], high[6]);
            odd = Vector256.Create(low[1], low[3], high[1], high[3], low[5], low[7], high[5], high[7]);
        }
    }
}
