using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Functions;

/// <summary>
/// exp, log, tanh and sigmoid of float32 at any vector width, with the same bits at all of them. What rounding leaves over is
/// carried along, so errors stay below 1 ULP: the greatest found are 0.89 for exp, 0.97 for tanh, 0.91 for sigmoid. The polynomial of the logarithm interpolates at Chebyshev nodes, that of
/// the others has the least relative error of its degree (Remez), 0.07 ULP; coefficients are rounded to float32.
/// </summary>
internal static class FloatFunctions<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int SignBit = unchecked((int)0x80000000);
    private const int OneBits = 0x3F800000;
    private const int HalfBits = 0x3F000000;
    private const int MantissaBits = 23;

    // Adding 1.5·2²³ rounds to the nearest whole number and leaves it in the low bits.
    private const float RoundingShift = 12582912f;

    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has 16 bits, so that its product with any exponent is exact.
    private const float Ln2High = 0.693145751953125f;
    private const float Ln2Low = 1.428606765330187e-06f;

    /// <summary>e to the power x: +∞ above 88.72, denormal below −87.33, zero below −103.97.</summary>
    [MethodImpl(Inline)]
    public static TVector Exp(TVector x)
    {
        Reduction reduction = Reduce(TIsa.Minimum(TIsa.Broadcast(89f), x));
        TVector q = TIsa.Add(reduction.Exact, reduction.Rest);
        // 2·(1 + q) times half the power: 2ⁿ itself is too large for a float32 where the result just is not.
        TVector two = TIsa.Broadcast(2f);
        TVector result = TIsa.Multiply(TIsa.FusedMultiplyAdd(q, two, two), Power(reduction.Shifted, HalfBits));
        return WithTiny(x, result);
    }

    /// <summary>1/(1 + exp(−x)): exp(−x) = 2ⁿ·(1 + q), and 1 + 2ⁿ and 2ⁿ·q are added with what rounding leaves over.</summary>
    [MethodImpl(Inline)]
    public static TVector Sigmoid(TVector x)
    {
        Reduction reduction = ReduceMinus(TIsa.Minimum(TIsa.Broadcast(80f), x));
        TVector power = Power(reduction.Shifted, OneBits);
        TVector part = TIsa.Multiply(power, TIsa.Subtract(reduction.Rest, reduction.Exact));
        TVector minusOne = TIsa.Broadcast(-1f);
        TVector whole = TIsa.Subtract(minusOne, power);
        TVector wholeLow = TIsa.Subtract(minusOne, TIsa.Add(whole, power));
        TVector minusDenominator = TIsa.Subtract(whole, part);
        TVector minusDenominatorLow = TIsa.Add(TIsa.Subtract(TIsa.Subtract(whole, minusDenominator), part), wholeLow);
        TVector reciprocal = TIsa.Divide(minusOne, minusDenominator);
        TVector rest = TIsa.FusedMultiplyAdd(reciprocal, minusDenominator, One);
        rest = TIsa.FusedMultiplyAdd(reciprocal, minusDenominatorLow, rest);
        TVector result = TIsa.FusedMultiplyAdd(rest, reciprocal, reciprocal);
        // There exp x is so small that adding it to 1 changes nothing.
        return WithTiny(x, result);
    }

    /// <summary>tanh |x| = m/(2 − m) with m = 1 − exp(−2|x|), then the sign of x.</summary>
    [MethodImpl(Inline)]
    public static TVector Tanh(TVector x)
    {
        TVector sign = TIsa.And(x, TIsa.BroadcastBits(SignBit));
        TVector magnitude = TIsa.Minimum(TIsa.Broadcast(10f), TIsa.Xor(x, sign));
        Reduction reduction = ReduceMinus(TIsa.Add(magnitude, magnitude));
        TVector q = TIsa.Subtract(reduction.Rest, reduction.Exact);
        TVector minusLow = TIsa.Subtract(TIsa.Add(q, reduction.Exact), reduction.Rest);
        // m = 1 − 2ⁿ·(1 + q) = (1 − 2ⁿ) − 2ⁿ·q, where multiplying by 2ⁿ is exact.
        TVector power = Power(reduction.Shifted, OneBits);
        TVector whole = TIsa.Subtract(One, power);
        TVector wholeLow = TIsa.Subtract(TIsa.Subtract(One, whole), power);
        TVector part = TIsa.Multiply(power, q);
        TVector m = TIsa.Subtract(whole, part);
        TVector mLow = TIsa.Add(TIsa.Subtract(TIsa.Subtract(whole, m), part), TIsa.FusedMultiplyAdd(power, minusLow, wholeLow));
        TVector minusTwo = TIsa.Broadcast(-2f);
        TVector minusDenominator = TIsa.Add(minusTwo, m);
        TVector minusDenominatorLow = TIsa.Add(TIsa.Add(TIsa.Subtract(minusTwo, minusDenominator), m), mLow);
        // One division, and one step of Newton's method on what it leaves over.
        TVector reciprocal = TIsa.Divide(TIsa.Broadcast(-1f), minusDenominator);
        TVector quotient = TIsa.Multiply(m, reciprocal);
        TVector rest = TIsa.FusedMultiplyAdd(quotient, minusDenominator, m);
        TVector restLow = TIsa.FusedMultiplyAdd(quotient, minusDenominatorLow, mLow);
        return TIsa.Or(TIsa.FusedMultiplyAdd(TIsa.Add(rest, restLow), reciprocal, quotient), sign);
    }

    /// <summary>
    /// The natural logarithm: −∞ of zero, NaN of negative numbers. log x = k·ln 2 + log(1 + f) with 1 + f in [√½, √2), and
    /// log(1 + f) = f − f²/2 + f³·Q(f).
    /// </summary>
    [MethodImpl(Inline)]
    public static TVector Log(TVector x)
    {
        TVector denormal = TIsa.LessThan(x, TIsa.Broadcast(1.17549435e-38f));
        TVector normal = TIsa.Select(denormal, TIsa.Multiply(x, TIsa.Broadcast(33554432f)), x);
        TVector exponentShift = TIsa.Select(denormal, TIsa.Broadcast(-25f), TIsa.Zero);
        TVector k = TIsa.ShiftBitsRight(TIsa.SubtractBits(normal, TIsa.Broadcast(0.70710678f)), MantissaBits);
        TVector f = TIsa.Subtract(TIsa.SubtractBits(normal, TIsa.ShiftBitsLeft(k, MantissaBits)), One);
        TVector exponent = TIsa.Add(TIsa.ToFloat(k), exponentShift);
        TVector p = TIsa.Broadcast(0.06971681118011475f);
        p = Step(p, f, -0.11479836702346802f);
        p = Step(p, f, 0.11685442924499512f);
        p = Step(p, f, -0.12425675988197327f);
        p = Step(p, f, 0.14249053597450256f);
        p = Step(p, f, -0.1666780263185501f);
        p = Step(p, f, 0.20000715553760529f);
        p = Step(p, f, -0.2499999701976776f);
        p = Step(p, f, 0.3333333134651184f);
        TVector square = TIsa.Multiply(f, f);
        TVector curve = TIsa.FusedMultiplyAdd(TIsa.Multiply(square, f), p, TIsa.Multiply(TIsa.Broadcast(-0.5f), square));
        TVector whole = TIsa.Multiply(exponent, TIsa.Broadcast(Ln2High));
        TVector high = TIsa.Add(whole, f);
        TVector low = TIsa.Add(TIsa.Subtract(whole, high), f);
        TVector result = TIsa.Add(high, TIsa.Add(curve, TIsa.FusedMultiplyAdd(exponent, TIsa.Broadcast(Ln2Low), low)));
        TVector infinity = TIsa.Broadcast(float.PositiveInfinity);
        result = TIsa.Select(TIsa.Equals(x, infinity), x, result);
        result = TIsa.Select(TIsa.Equals(x, TIsa.Zero), TIsa.Broadcast(float.NegativeInfinity), result);
        result = TIsa.Select(TIsa.LessThan(x, TIsa.Zero), TIsa.Broadcast(float.NaN), result);
        return TIsa.Select(TIsa.Equals(x, x), result, x);
    }

    private static TVector One
    {
        [MethodImpl(Inline)]
        get => TIsa.Broadcast(1f);
    }

    [MethodImpl(Inline)]
    private static TVector Step(TVector p, TVector x, float coefficient) => TIsa.FusedMultiplyAdd(p, x, TIsa.Broadcast(coefficient));

    /// <summary>exp x = 2ⁿ·exp(r), n = round(x/ln 2), and exp(r) − 1 = r + r²·P(r).</summary>
    [MethodImpl(Inline)]
    private static Reduction Reduce(TVector x)
    {
        TVector shifted = TIsa.FusedMultiplyAdd(x, TIsa.Broadcast(Log2E), TIsa.Broadcast(RoundingShift));
        TVector n = TIsa.Subtract(shifted, TIsa.Broadcast(RoundingShift));
        TVector exact = TIsa.FusedMultiplyAdd(n, TIsa.Broadcast(-Ln2High), x);
        TVector low = TIsa.Multiply(n, TIsa.Broadcast(-Ln2Low));
        return new Reduction { Shifted = shifted, Exact = exact, Rest = WithCurve(TIsa.Add(exact, low), low) };
    }

    /// <summary>The same for exp(−x); <see cref="Reduction.Exact"/> has its sign turned.</summary>
    [MethodImpl(Inline)]
    private static Reduction ReduceMinus(TVector x)
    {
        TVector shifted = TIsa.FusedMultiplyAdd(x, TIsa.Broadcast(-Log2E), TIsa.Broadcast(RoundingShift));
        TVector n = TIsa.Subtract(shifted, TIsa.Broadcast(RoundingShift));
        TVector exact = TIsa.FusedMultiplyAdd(n, TIsa.Broadcast(Ln2High), x);
        TVector low = TIsa.Multiply(n, TIsa.Broadcast(-Ln2Low));
        return new Reduction { Shifted = shifted, Exact = exact, Rest = WithCurve(TIsa.Subtract(low, exact), low) };
    }

    [MethodImpl(Inline)]
    private static TVector WithCurve(TVector r, TVector low)
    {
        TVector p = TIsa.Broadcast(0.0014036048669368029f);
        p = Step(p, r, 0.008372285403311253f);
        p = Step(p, r, 0.04166555032134056f);
        p = Step(p, r, 0.16666488349437714f);
        p = Step(p, r, 0.5f);
        return TIsa.FusedMultiplyAdd(TIsa.Multiply(r, r), p, low);
    }

    /// <summary>2ⁿ times the power of two that has these bits; the product must be a normal number.</summary>
    [MethodImpl(Inline)]
    private static TVector Power(TVector shifted, int bits) => TIsa.AddBits(TIsa.ShiftBitsLeft(shifted, MantissaBits), TIsa.BroadcastBits(bits));

    /// <summary>The results, but exp x where that is less than the powers of two reach, or hardly more.</summary>
    [MethodImpl(Inline)]
    private static TVector WithTiny(TVector x, TVector result)
    {
        TVector isTiny = TIsa.LessThan(x, TIsa.Broadcast(-86.5f));
        return TIsa.Any(isTiny) ? TIsa.Select(isTiny, TinyExp(x), result) : result;
    }

    // Rare, so that it may take its time: 2ⁿ is a product of two powers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static TVector TinyExp(TVector x)
    {
        TVector lowest = TIsa.Broadcast(-104f);
        Reduction reduction = Reduce(TIsa.Select(TIsa.LessThan(x, lowest), lowest, x));
        TVector half = TIsa.ShiftBitsLeft(TIsa.ShiftBitsRight(reduction.Shifted, 1), MantissaBits);
        TVector value = TIsa.Add(One, TIsa.Add(reduction.Exact, reduction.Rest));
        value = TIsa.Multiply(value, TIsa.AddBits(half, TIsa.BroadcastBits(OneBits)));
        return TIsa.Multiply(value, TIsa.SubtractBits(Power(reduction.Shifted, OneBits), half));
    }

    private struct Reduction
    {
        /// <summary>n in the low bits, above them those of <see cref="RoundingShift"/>, which a shift to the left by 23 pushes out.</summary>
        public TVector Shifted;

        /// <summary>The first of two numbers whose sum is exp(r) − 1: r without what the second part of ln 2 takes from it.</summary>
        public TVector Exact;

        /// <summary>The second: what that part takes from it, and r²·P(r).</summary>
        public TVector Rest;
    }
}
