namespace Lockstep.Engine.Functions;

/// <summary>
/// exp, log, pow, sin and cos of our own, built only of exactly rounded operations, so that they give the same bits on
/// every machine. Errors stay below 1 ULP for exp, log, sin and cos and below 2 ULP for pow.
/// </summary>
public static partial class ScalarMath
{
    private const double Log2E = 1.4426950408889634;

    // ln 2 in two parts: the first has 41 bits, so that its product with an exponent is exact.
    private const double Ln2High = 0.693147180559663;
    private const double Ln2Low = 2.8235290563031577e-13;

    // Above and below these the result is infinite or zero whatever the rest of the argument.
    private const double LargestExponent = 709.782712893384;
    private const double SmallestExponent = -745.1332191019412;

    // Adding this rounds to the nearest whole number, and subtracting it again gives that number.
    private const double RoundingShift = 6755399441055744.0;

    /// <summary>e to the power <paramref name="x"/>.</summary>
    public static double Exp(double x) => Exp(x, 0);

    /// <summary>
    /// exp(x + low) = 2^n · exp(r) with n = round(x/ln 2) and |r| ≤ ln 2 / 2, where exp(r) is its Taylor series up to r¹³/13!.
    /// </summary>
    private static double Exp(double x, double low)
    {
        if (double.IsNaN(x))
            return x;
        if (x > LargestExponent)
            return double.PositiveInfinity;
        if (x < SmallestExponent)
            return 0;
        double n = ((x * Log2E) + RoundingShift) - RoundingShift;
        double exact = double.FusedMultiplyAdd(-n, Ln2High, x);
        double subtrahend = n * Ln2Low;
        DoubleDouble r = DoubleDouble.Sum(exact, -subtrahend);
        double tail = r.Low + low;
        double h = r.High;
        double p = 1.0 / 6227020800;
        p = double.FusedMultiplyAdd(p, h, 1.0 / 479001600);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 39916800);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 3628800);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 362880);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 40320);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 5040);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 720);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 120);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 24);
        p = double.FusedMultiplyAdd(p, h, 1.0 / 6);
        p = double.FusedMultiplyAdd(p, h, 0.5);
        double small = double.FusedMultiplyAdd(h * h, p, double.FusedMultiplyAdd(h, tail, tail));
        DoubleDouble sum = DoubleDouble.FastSum(1, h);
        return Scale(sum.High + (sum.Low + small), (int)n);
    }

    /// <summary>value · 2^exponent in two steps, since 2^exponent itself may be too large or too small for a float64.</summary>
    private static double Scale(double value, int exponent)
    {
        int half = exponent >> 1;
        return value * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    private static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
}
