using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Engine.Simd;

/// <summary>Vectors of 128 bits: 4 lanes.</summary>
public readonly unsafe struct Isa128 : ISimd<Vector128<float>>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Width
    {
        [MethodImpl(Inline)]
        get => 4;
    }

    public static Vector128<float> Zero
    {
        [MethodImpl(Inline)]
        get => Vector128<float>.Zero;
    }

    [MethodImpl(Inline)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(Inline)]
    public static void Store(float* destination, Vector128<float> value) => value.Store(destination);

    [MethodImpl(Inline)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(Inline)]
    public static Vector128<float> BroadcastBits(int bits) => Vector128.Create(bits).AsSingle();

    [MethodImpl(Inline)]
    public static Vector128<float> FusedMultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(Inline)]
    public static Vector128<float> SquareRoot(Vector128<float> a) => Vector128.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector128<float> And(Vector128<float> a, Vector128<float> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector128<float> Or(Vector128<float> a, Vector128<float> b) => a | b;

    [MethodImpl(Inline)]
    public static Vector128<float> Xor(Vector128<float> a, Vector128<float> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector128<float> AddBits(Vector128<float> a, Vector128<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(Inline)]
    public static Vector128<float> SubtractBits(Vector128<float> a, Vector128<float> b) => (a.AsInt32() - b.AsInt32()).AsSingle();

    [MethodImpl(Inline)]
    public static Vector128<float> ShiftBitsLeft(Vector128<float> a, int count) => (a.AsInt32() << count).AsSingle();

    [MethodImpl(Inline)]
    public static Vector128<float> ShiftBitsRight(Vector128<float> a, int count) => (a.AsInt32() >> count).AsSingle();

    [MethodImpl(Inline)]
    public static Vector128<float> ToFloat(Vector128<float> bits) => Vector128.ConvertToSingle(bits.AsInt32());

    [MethodImpl(Inline)]
    public static Vector128<float> LessThan(Vector128<float> a, Vector128<float> b) => Vector128.LessThan(a, b);

    [MethodImpl(Inline)]
    public static Vector128<float> Equals(Vector128<float> a, Vector128<float> b) => Vector128.Equals(a, b);

    // One instruction, which the compiler finds for a mask in sight only.
    [MethodImpl(Inline)]
    public static Vector128<float> Select(Vector128<float> mask, Vector128<float> a, Vector128<float> b) =>
        Sse41.IsSupported ? Sse41.BlendVariable(b, a, mask) : Vector128.ConditionalSelect(mask, a, b);

    [MethodImpl(Inline)]
    public static Vector128<float> Minimum(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.Min(a, b) : Vector128.ConditionalSelect(Vector128.LessThan(a, b), a, b);

    [MethodImpl(Inline)]
    public static bool Any(Vector128<float> mask) => mask.ExtractMostSignificantBits() != 0;

    [MethodImpl(Inline)]
    public static void LoadPairs(float* source, out Vector128<float> even, out Vector128<float> odd) => TakeApart(Load(source), Load(source + 4), out even, out odd);

    [MethodImpl(Inline)]
    public static void LoadFours(float* source, out Vector128<float> first, out Vector128<float> second, out Vector128<float> third, out Vector128<float> fourth)
    {
        LoadPairs(source, out Vector128<float> lowEven, out Vector128<float> lowOdd);
        LoadPairs(source + 8, out Vector128<float> highEven, out Vector128<float> highOdd);
        TakeApart(lowEven, highEven, out first, out third);
        TakeApart(lowOdd, highOdd, out second, out fourth);
    }

    [MethodImpl(Inline)]
    private static void TakeApart(Vector128<float> low, Vector128<float> high, out Vector128<float> even, out Vector128<float> odd)
    {
        if (Sse.IsSupported)
        {
            even = Sse.Shuffle(low, high, 0b10_00_10_00);
            odd = Sse.Shuffle(low, high, 0b11_01_11_01);
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            even = AdvSimd.Arm64.UnzipEven(low, high);
            odd = AdvSimd.Arm64.UnzipOdd(low, high);
        }
        else
        {
            even = Vector128.Create(low[0], low[2], high[0], high[2]);
            odd = Vector128.Create(low[1], low[3], high[1], high[3]);
        }
    }
}
