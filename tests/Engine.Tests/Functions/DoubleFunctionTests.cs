using CsCheck;
using Lockstep.Engine.Functions;

namespace Lockstep.Engine.Tests.Functions;

/// <summary>The runtime's own functions are within a unit of the truth, and so must ours be of them.</summary>
public sealed class DoubleFunctionTests
{
    private const int Samples = 200_000;

    [Fact]
    public void Exp_is_within_a_unit() => Verify(Gen.Double[-745, 709.7], ScalarMath.Exp, Math.Exp, 1);

    [Fact]
    public void Exp_of_small_numbers_is_within_a_unit() => Verify(Gen.Double[-1, 1], ScalarMath.Exp, Math.Exp, 1);

    [Fact]
    public void Log_is_within_a_unit_from_the_smallest_to_the_largest_number() =>
        Verify(Gen.Double[-1074, 1023.9].Select(exponent => Math.Pow(2, exponent)), ScalarMath.Log, Math.Log, 1);

    [Fact]
    public void Log_near_one_is_within_a_unit() => Verify(Gen.Double[0.5, 2], ScalarMath.Log, Math.Log, 1);

    [Fact]
    public void Sin_and_cos_are_within_a_unit()
    {
        Verify(Gen.Double[-10, 10], ScalarMath.Sin, Math.Sin, 1);
        Verify(Gen.Double[-10, 10], ScalarMath.Cos, Math.Cos, 1);
        Verify(Gen.Double[-1e6, 1e6], ScalarMath.Sin, Math.Sin, 1);
        Verify(Gen.Double[-1e6, 1e6], ScalarMath.Cos, Math.Cos, 1);
    }

    [Fact]
    public void Sin_near_multiples_of_a_right_angle_keeps_its_digits()
    {
        for (int n = 1; n < 100_000; n += 7)
        {
            double angle = n * (Math.PI / 2);
            Assert.True(Units(Math.Sin(angle), ScalarMath.Sin(angle)) <= 1, $"sin {angle:R}");
            Assert.True(Units(Math.Cos(angle), ScalarMath.Cos(angle)) <= 1, $"cos {angle:R}");
        }
    }

    [Fact]
    public void Pow_is_within_two_units() =>
        Gen.Select(Gen.Double[1e-6, 1e6], Gen.Double[-50, 50]).Sample(
            (x, y) => Units(Math.Pow(x, y), ScalarMath.Pow(x, y)) <= 2,
            iter: Samples);

    [Theory]
    [InlineData(2, 10, 1024)]
    [InlineData(-2, 3, -8)]
    [InlineData(-2, 2, 4)]
    [InlineData(-2, 0.5, double.NaN)]
    [InlineData(0, -1, double.PositiveInfinity)]
    [InlineData(-0.0, -1, double.NegativeInfinity)]
    [InlineData(0, 2, 0)]
    [InlineData(double.NaN, 0, 1)]
    [InlineData(1, double.NaN, 1)]
    [InlineData(2, double.NaN, double.NaN)]
    [InlineData(-1, double.PositiveInfinity, 1)]
    [InlineData(0.5, double.NegativeInfinity, double.PositiveInfinity)]
    [InlineData(double.PositiveInfinity, -1, 0)]
    [InlineData(double.NegativeInfinity, 3, double.NegativeInfinity)]
    [InlineData(2, 2000, double.PositiveInfinity)]
    [InlineData(2, -2000, 0)]
    [InlineData(2, 1e300, double.PositiveInfinity)]
    public void Pow_follows_the_conventions_of_IEEE_754(double x, double y, double expected)
    {
        Assert.Equal(expected, ScalarMath.Pow(x, y));
        Assert.Equal(Math.Pow(x, y), ScalarMath.Pow(x, y));
    }

    [Fact]
    public void Limits_hold()
    {
        Assert.Equal(double.PositiveInfinity, ScalarMath.Exp(double.PositiveInfinity));
        Assert.Equal(0, ScalarMath.Exp(double.NegativeInfinity));
        Assert.Equal(1, ScalarMath.Exp(-0.0));
        Assert.True(double.IsNaN(ScalarMath.Exp(double.NaN)));
        Assert.Equal(double.Epsilon, ScalarMath.Exp(-745.0));
        Assert.Equal(double.NegativeInfinity, ScalarMath.Log(0.0));
        Assert.True(double.IsNaN(ScalarMath.Log(-1.0)));
        Assert.Equal(0, ScalarMath.Log(1.0));
        Assert.Equal(double.PositiveInfinity, ScalarMath.Log(double.PositiveInfinity));
        Assert.True(double.IsNegative(ScalarMath.Sin(-0.0)));
        Assert.Equal(1, ScalarMath.Cos(0));
        Assert.True(double.IsNaN(ScalarMath.Cos(double.PositiveInfinity)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScalarMath.Sin(2e6));
    }

    private static void Verify(Gen<double> arguments, Func<double, double> function, Func<double, double> reference, long bound) =>
        arguments.Sample(x => Units(reference(x), function(x)) <= bound, iter: Samples);

    /// <summary>How many float64 lie between two numbers of one sign.</summary>
    private static long Units(double a, double b) => a == b ? 0 : Math.Abs(BitConverter.DoubleToInt64Bits(a) - BitConverter.DoubleToInt64Bits(b));
}
