namespace Lockstep.Engine.Functions;

public static partial class ScalarMath
{
    /// <summary>The largest magnitude that <see cref="Sin"/> and <see cref="Cos"/> take.</summary>
    public const double LargestAngle = 1048576;

    // π/2 in four parts; the first three have 33 bits each, so that their products with the quadrant are exact.
    private const double HalfPi1 = 1.5707963267341256;
    private const double HalfPi2 = 6.077100506303966e-11;
    private const double HalfPi3 = 2.0222662487111665e-21;
    private const double HalfPi4 = 8.4784276603689e-32;
    private const double TwoOverPi = 0.6366197723675814;

    /// <summary>The sine of an angle in radians; NaN of an infinite one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">|x| is above <see cref="LargestAngle"/>.</exception>
    public static double Sin(double x)
    {
        if (!double.IsFinite(x))
            return double.NaN;
        if (x == 0)
            return x;
        DoubleDouble r = Reduce(x, out int quadrant);
        double value = (quadrant & 1) == 0 ? SinOfReduced(r) : CosOfReduced(r);
        return (quadrant & 2) == 0 ? value : -value;
    }

    /// <summary>The cosine of an angle in radians; NaN of an infinite one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">|x| is above <see cref="LargestAngle"/>.</exception>
    public static double Cos(double x)
    {
        if (!double.IsFinite(x))
            return double.NaN;
        DoubleDouble r = Reduce(x, out int quadrant);
        double value = (quadrant & 1) == 0 ? CosOfReduced(r) : SinOfReduced(r);
        return ((quadrant + 1) & 2) == 0 ? value : -value;
    }

    /// <summary>x = quadrant·π/2 + r with |r| ≤ π/4 (Cody and Waite, Software Manual for the Elementary Functions, 1980).</summary>
    private static DoubleDouble Reduce(double x, out int quadrant)
    {
        if (Math.Abs(x) > LargestAngle)
            throw new ArgumentOutOfRangeException(nameof(x), x, $"Angles go up to {LargestAngle}; reduce the angle first.");
        double n = ((x * TwoOverPi) + RoundingShift) - RoundingShift;
        quadrant = (int)n;
        double first = double.FusedMultiplyAdd(-n, HalfPi1, x);
        DoubleDouble r = DoubleDouble.Sum(first, -n * HalfPi2);
        r += DoubleDouble.Sum(-n * HalfPi3, -n * HalfPi4);
        return r;
    }

    private static double SinOfReduced(DoubleDouble r)
    {
        double h = r.High;
        double z = h * h;
        double p = 1.0 / 355687428096000;
        p = double.FusedMultiplyAdd(p, z, -1.0 / 1307674368000);
        p = double.FusedMultiplyAdd(p, z, 1.0 / 6227020800);
        p = double.FusedMultiplyAdd(p, z, -1.0 / 39916800);
        p = double.FusedMultiplyAdd(p, z, 1.0 / 362880);
        p = double.FusedMultiplyAdd(p, z, -1.0 / 5040);
        p = double.FusedMultiplyAdd(p, z, 1.0 / 120);
        p = double.FusedMultiplyAdd(p, z, -1.0 / 6);
        // sin(h + low) = sin h + low·cos h, where the first two terms of the cosine are enough.
        double correction = r.Low * double.FusedMultiplyAdd(z, -0.5, 1);
        return h + double.FusedMultiplyAdd(z * h, p, correction);
    }

    private static double CosOfReduced(DoubleDouble r)
    {
        double h = r.High;
        double z = h * h;
        double p = -1.0 / 6402373705728000;
        p = double.FusedMultiplyAdd(p, z, 1.0 / 20922789888000);
        p = double.FusedMultiplyAdd(p, z, -1.0 / 87178291200);
        p = double.FusedMultiplyAdd(p, z, 1.0 / 479001600);
        p = double.FusedMultiplyAdd(p, z, -1.0 / 3628800);
        p = double.FusedMultiplyAdd(p, z, 1.0 / 40320);
        p = double.FusedMultiplyAdd(p, z, -1.0 / 720);
        p = double.FusedMultiplyAdd(p, z, 1.0 / 24);
        double half = z * 0.5;
        double halfLow = double.FusedMultiplyAdd(h, h, -z) * 0.5;
        DoubleDouble leading = DoubleDouble.FastSum(1, -half);
        return leading.High + (leading.Low + double.FusedMultiplyAdd(z * z, p, -halfLow - (h * r.Low)));
    }
}
