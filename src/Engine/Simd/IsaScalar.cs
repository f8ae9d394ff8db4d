using System.Runtime.CompilerServices;

namespace Lockstep.Engine.Simd;

/// <summary>One lane: what the processor does without vector instructions, and the reference that all widths are tested against.</summary>
public readonly unsafe struct IsaScalar : ISimd<float>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int AllBits = -1;

    public static int Width
    {
        [MethodImpl(Inline)]
        get => 1;
    }

    public static float Zero
    {
        [MethodImpl(Inline)]
        get => 0f;
    }

    [MethodImpl(Inline)]
    public static float Load(float* source) => *source;

    [MethodImpl(Inline)]
    public static void Store(float* destination, float value) => *destination = value;

    [MethodImpl(Inline)]
    public static float Broadcast(float value) => value;

    [MethodImpl(Inline)]
    public static float BroadcastBits(int bits) => Number(bits);

    [MethodImpl(Inline)]
    public static float FusedMultiplyAdd(float a, float b, float c) => float.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static float Add(float a, float b) => a + b;

    [MethodImpl(Inline)]
    public static float Subtract(float a, float b) => a - b;

    [MethodImpl(Inline)]
    public static float Multiply(float a, float b) => a * b;

    [MethodImpl(Inline)]
    public static float Divide(float a, float b) => a / b;

    [MethodImpl(Inline)]
    public static float SquareRoot(float a) => float.Sqrt(a);

    [MethodImpl(Inline)]
    public static float And(float a, float b) => Number(Bits(a) & Bits(b));

    [MethodImpl(Inline)]
    public static float Or(float a, float b) => Number(Bits(a) | Bits(b));

    [MethodImpl(Inline)]
    public static float Xor(float a, float b) => Number(Bits(a) ^ Bits(b));

    [MethodImpl(Inline)]
    public static float AddBits(float a, float b) => Number(Bits(a) + Bits(b));

    [MethodImpl(Inline)]
    public static float SubtractBits(float a, float b) => Number(Bits(a) - Bits(b));

    [MethodImpl(Inline)]
    public static float ShiftBitsLeft(float a, int count) => Number(Bits(a) << count);

    [MethodImpl(Inline)]
    public static float ShiftBitsRight(float a, int count) => Number(Bits(a) >> count);

    [MethodImpl(Inline)]
    public static float ToFloat(float bits) => Bits(bits);

    [MethodImpl(Inline)]
    public static float LessThan(float a, float b) => Mask(a < b);

    [MethodImpl(Inline)]
    public static float Equals(float a, float b) => Mask(a == b);

    [MethodImpl(Inline)]
    public static float Select(float mask, float a, float b) => Number((Bits(mask) & Bits(a)) | (~Bits(mask) & Bits(b)));

    [MethodImpl(Inline)]
    public static float Minimum(float a, float b) => a < b ? a : b;

    [MethodImpl(Inline)]
    public static bool Any(float mask) => Bits(mask) != 0;

    [MethodImpl(Inline)]
    private static float Mask(bool condition) => Number(condition ? AllBits : 0);

    [MethodImpl(Inline)]
    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);

    [MethodImpl(Inline)]
    private static float Number(int bits) => BitConverter.Int32BitsToSingle(bits);

    [MethodImpl(Inline)]
    public static void LoadPairs(float* source, out float even, out float odd) => (even, odd) = (source[0], source[1]);

    [MethodImpl(Inline)]
    public static void LoadFours(float* source, out float first, out float second, out float third, out float fourth) =>
        (first, second, third, fourth) = (source[0], source[1], source[2], source[3]);
}
