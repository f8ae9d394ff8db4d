using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Functions;

/// <summary>
/// exp, log, tanh and sigmoid of float32 at any vector width, with the same bits at all of them. What rounding leaves over is
/// carried along, so errors stay below 1 ULP. The polynomials interpolate at Chebyshev nodes, their coefficients rounded to float32.
/// </summary>
internal static class FloatFunctions<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int SignBit = unchecked((int)0x80000000);
    private const int OneBits = 0x3F800000;
    private const int MantissaBits = 23;

    // Adding 1.5·2²³ rounds to the nearest whole number and leaves it in the low bits.
    private const float RoundingShift = 12582912f;
    private const int RoundingShiftBits = 0x4B400000;

    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has 16 bits, so that its product with any exponent is exact.
    private const float Ln2High = 0.693145751953125f;
    private const float Ln2Low = 1.428606765330187e-06f;

    /// <summary>e to the power x: +∞ above 88.72, denormal below −87.33, zero below −103.97.</summary>
    [MethodImpl(Inline)]
    public static TVector Exp(TVector x)
    {
        x = ClampAbove(ClampBelow(x, -104f), 89f);
        Reduction reduction = Reduce(x);
        TVector q = TIsa.Add(reduction.R, TIsa.Add(reduction.Curve, reduction.Rest));
        return Scale(TIsa.Add(One, q), reduction.Exponent);
    }

    /// <summary>1/(1 + exp(−x)), computed from e = exp(−|x|) as 1/(1 + e) or e/(1 + e), so that small results keep all their digits.</summary>
    [MethodImpl(Inline)]
    public static TVector Sigmoid(TVector x)
    {
        TVector minusMagnitude = ClampBelow(TIsa.Or(x, TIsa.BroadcastBits(SignBit)), -104f);
        Reduction reduction = Reduce(minusMagnitude);
        (TVector q, TVector qLow) = reduction.ExpMinusOne();
        TVector p = TIsa.Add(One, q);
        TVector pLow = TIsa.Add(TIsa.Add(TIsa.Subtract(One, p), q), qLow);
        TVector e = Scale(p, reduction.Exponent);
        TVector eLow = Scale(pLow, reduction.Exponent);
        TVector denominator = TIsa.Add(One, e);
        TVector denominatorLow = TIsa.Add(TIsa.Add(TIsa.Subtract(One, denominator), e), eLow);
        TVector negative = TIsa.LessThan(x, TIsa.Zero);
        TVector numerator = TIsa.Select(negative, e, One);
        TVector numeratorLow = TIsa.Select(negative, eLow, TIsa.Zero);
        return Quotient(numerator, numeratorLow, denominator, denominatorLow);
    }

    /// <summary>tanh |x| = −m/(2 + m) with m = exp(−2|x|) − 1, then the sign of x.</summary>
    [MethodImpl(Inline)]
    public static TVector Tanh(TVector x)
    {
        TVector sign = TIsa.And(x, TIsa.BroadcastBits(SignBit));
        TVector minusMagnitude = ClampBelow(TIsa.Or(x, TIsa.BroadcastBits(SignBit)), -10f);
        Reduction reduction = Reduce(TIsa.Add(minusMagnitude, minusMagnitude));
        (TVector q, TVector qLow) = reduction.ExpMinusOne();
        // m = 2ⁿ·(1 + q) − 1 = (2ⁿ − 1) + 2ⁿ·q, where multiplying by 2ⁿ is exact.
        TVector power = PowerOfTwo(reduction.Exponent);
        TVector whole = TIsa.Subtract(power, One);
        TVector wholeLow = TIsa.Subtract(power, TIsa.Add(whole, One));
        TVector part = TIsa.Multiply(power, q);
        TVector m = TIsa.Add(whole, part);
        TVector mLow = TIsa.Add(TIsa.Add(TIsa.Subtract(whole, m), part), TIsa.FusedMultiplyAdd(power, qLow, wholeLow));
        TVector two = TIsa.Broadcast(2f);
        TVector denominator = TIsa.Add(two, m);
        TVector denominatorLow = TIsa.Add(TIsa.Add(TIsa.Subtract(two, denominator), m), mLow);
        TVector numerator = TIsa.Subtract(TIsa.Zero, m);
        TVector numeratorLow = TIsa.Subtract(TIsa.Zero, mLow);
        return TIsa.Or(Quotient(numerator, numeratorLow, denominator, denominatorLow), sign);
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

    // Comparisons with NaN are false, so NaN passes both.
    [MethodImpl(Inline)]
    private static TVector ClampBelow(TVector x, float bound) => TIsa.Select(TIsa.LessThan(x, TIsa.Broadcast(bound)), TIsa.Broadcast(bound), x);

    [MethodImpl(Inline)]
    private static TVector ClampAbove(TVector x, float bound) => TIsa.Select(TIsa.LessThan(TIsa.Broadcast(bound), x), TIsa.Broadcast(bound), x);

    /// <summary>exp x = 2ⁿ·exp(r), n = round(x/ln 2), and exp(r) − 1 = r + r²·P(r).</summary>
    [MethodImpl(Inline)]
    private static Reduction Reduce(TVector x)
    {
        TVector shifted = TIsa.FusedMultiplyAdd(x, TIsa.Broadcast(Log2E), TIsa.Broadcast(RoundingShift));
        TVector n = TIsa.Subtract(shifted, TIsa.Broadcast(RoundingShift));
        TVector exact = TIsa.FusedMultiplyAdd(n, TIsa.Broadcast(-Ln2High), x);
        TVector subtrahend = TIsa.Multiply(n, TIsa.Broadcast(Ln2Low));
        TVector r = TIsa.Subtract(exact, subtrahend);
        TVector p = TIsa.Broadcast(0.0001989098236663267f);
        p = Step(p, r, 0.0013933642767369747f);
        p = Step(p, r, 0.00833331048488617f);
        p = Step(p, r, 0.04166646674275398f);
        p = Step(p, r, 0.1666666716337204f);
        p = Step(p, r, 0.5f);
        return new Reduction
        {
            Exponent = TIsa.SubtractBits(shifted, TIsa.BroadcastBits(RoundingShiftBits)),
            R = r,
            Rest = TIsa.Subtract(TIsa.Subtract(exact, r), subtrahend),
            Curve = TIsa.Multiply(TIsa.Multiply(r, r), p),
        };
    }

    [MethodImpl(Inline)]
    private static TVector PowerOfTwo(TVector exponent) => TIsa.AddBits(TIsa.ShiftBitsLeft(exponent, MantissaBits), TIsa.BroadcastBits(OneBits));

    // In two steps, since 2ⁿ itself may be too large or too small for a float32.
    [MethodImpl(Inline)]
    private static TVector Scale(TVector value, TVector exponent)
    {
        TVector half = TIsa.ShiftBitsRight(exponent, 1);
        return TIsa.Multiply(TIsa.Multiply(value, PowerOfTwo(half)), PowerOfTwo(TIsa.SubtractBits(exponent, half)));
    }

    /// <summary>(a + aLow)/(b + bLow), by one division and one step of Newton's method on what it leaves over.</summary>
    [MethodImpl(Inline)]
    private static TVector Quotient(TVector a, TVector aLow, TVector b, TVector bLow)
    {
        TVector reciprocal = TIsa.Divide(One, b);
        TVector quotient = TIsa.Multiply(a, reciprocal);
        TVector minusQuotient = TIsa.Subtract(TIsa.Zero, quotient);
        TVector rest = TIsa.FusedMultiplyAdd(minusQuotient, b, a);
        TVector restLow = TIsa.FusedMultiplyAdd(minusQuotient, bLow, aLow);
        return TIsa.FusedMultiplyAdd(TIsa.Add(rest, restLow), reciprocal, quotient);
    }

    private struct Reduction
    {
        public TVector Exponent;
        public TVector R;
        public TVector Rest;
        public TVector Curve;

        /// <summary>exp(r) − 1 as a rounded number and what rounding left over.</summary>
        [MethodImpl(Inline)]
        public readonly (TVector High, TVector Low) ExpMinusOne()
        {
            TVector high = TIsa.Add(R, Curve);
            TVector low = TIsa.Add(TIsa.Add(TIsa.Subtract(R, high), Curve), Rest);
            return (high, low);
        }
    }
}
