namespace Lockstep.Engine.Functions;

public static partial class ScalarMath
{
    private const double Ln2Lowest = 1.94704509238075e-31;
    private const double SqrtHalf = 0.70710678118654752;
    private const int MantissaBits = 52;

    /// <summary>The natural logarithm: −∞ of zero, NaN of negative numbers.</summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x == double.PositiveInfinity)
            return x;
        if (x == 0)
            return double.NegativeInfinity;
        if (x < 0)
            return double.NaN;
        DoubleDouble log = LogOfPositive(x);
        return log.High + log.Low;
    }

    /// <summary>
    /// <paramref name="x"/> to the power <paramref name="y"/>, with the conventions of IEEE 754-2019 section 9.2.1:
    /// pow(x, 0) = pow(1, y) = 1, and a negative x needs a whole y.
    /// </summary>
    public static double Pow(double x, double y)
    {
        if (y == 0 || x == 1)
            return 1;
        if (double.IsNaN(x) || double.IsNaN(y))
            return double.NaN;
        double magnitude = PowOfMagnitude(Math.Abs(x), y);
        if (!double.IsNegative(x))
            return magnitude;
        if (double.IsOddInteger(y))
            return -magnitude;
        bool whole = double.IsInfinity(y) || double.IsInteger(y);
        return whole || x == 0 || double.IsInfinity(x) ? magnitude : double.NaN;
    }

    private static double PowOfMagnitude(double x, double y)
    {
        if (x == 1)
            return 1;
        if (double.IsInfinity(y))
            return (x > 1) == (y > 0) ? double.PositiveInfinity : 0;
        if (x == 0 || double.IsInfinity(x))
            return (x == 0) == (y > 0) ? 0 : double.PositiveInfinity;
        DoubleDouble log = LogOfPositive(x);
        double high = y * log.High;
        // Beyond the range of exp the low part has no meaning, and might be infinity − infinity.
        if (!(Math.Abs(high) < 1000))
            return high > 0 ? double.PositiveInfinity : 0;
        double low = double.FusedMultiplyAdd(y, log.High, -high) + (y * log.Low);
        return Exp(high, low);
    }

    /// <summary>
    /// log x = k·ln 2 + log m with m in [√½, √2), and log m = 2·artanh(s) = 2s + s³·(2/3 + 2s²/5 + …), s = (m − 1)/(m + 1):
    /// the series up to s²³/23, its first terms in double-double, correct to about 2⁻⁶⁵ of the result.
    /// </summary>
    private static DoubleDouble LogOfPositive(double x)
    {
        int exponent = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= 18014398509481984.0;
            exponent = -54;
        }
        long bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> MantissaBits) - 1022;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000);
        if (m < SqrtHalf)
        {
            m *= 2;
            exponent--;
        }
        DoubleDouble s = new DoubleDouble(m - 1, 0) / DoubleDouble.Sum(m, 1);
        DoubleDouble square = s * s;
        double z = square.High;
        double p = 2.0 / 23;
        p = double.FusedMultiplyAdd(p, z, 2.0 / 21);
        p = double.FusedMultiplyAdd(p, z, 2.0 / 19);
        p = double.FusedMultiplyAdd(p, z, 2.0 / 17);
        p = double.FusedMultiplyAdd(p, z, 2.0 / 15);
        p = double.FusedMultiplyAdd(p, z, 2.0 / 13);
        p = double.FusedMultiplyAdd(p, z, 2.0 / 11);
        p = double.FusedMultiplyAdd(p, z, 2.0 / 9);
        p = double.FusedMultiplyAdd(p, z, 2.0 / 7);
        p = double.FusedMultiplyAdd(p, z, 2.0 / 5);
        DoubleDouble twoThirds = new(0.66666666666666663, 3.700743415417188e-17);
        DoubleDouble series = square * s * (twoThirds + new DoubleDouble(p * z, 0));
        DoubleDouble logM = new DoubleDouble(2 * s.High, 2 * s.Low) + series;
        if (exponent == 0)
            return logM;
        DoubleDouble ln2Low = new(Ln2Low, Ln2Lowest);
        DoubleDouble multiple = DoubleDouble.FastSum(exponent * Ln2High, exponent * ln2Low.High);
        multiple += new DoubleDouble(0, exponent * ln2Low.Low);
        return multiple + logM;
    }
}
