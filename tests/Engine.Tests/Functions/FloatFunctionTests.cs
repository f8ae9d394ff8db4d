using Lockstep.Engine.Functions;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Tests.Kernels;

namespace Lockstep.Engine.Tests.Functions;

public sealed unsafe class FloatFunctionTests
{
    // A prime, so that the walk over all bit patterns meets every kind of mantissa.
    private const uint BitStride = 1499;

    [Fact]
    public void Exp_is_within_one_unit_in_the_last_place_over_all_numbers() => VerifyError(ScalarMath.Exp, Math.Exp, 1.0);

    [Fact]
    public void Log_is_within_one_unit_in_the_last_place_over_all_numbers() => VerifyError(ScalarMath.Log, Math.Log, 1.0);

    [Fact]
    public void Tanh_is_within_one_unit_in_the_last_place_over_all_numbers() => VerifyError(ScalarMath.Tanh, Math.Tanh, 1.0);

    [Fact]
    public void Sigmoid_is_within_one_unit_in_the_last_place_over_all_numbers() =>
        VerifyError(ScalarMath.Sigmoid, x => x < 0 ? Math.Exp(x) / (1 + Math.Exp(x)) : 1 / (1 + Math.Exp(-x)), 1.0);

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(89f, float.PositiveInfinity)]
    [InlineData(-104f, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_has_its_limits(float x, float expected) => Assert.Equal(Bits(expected), Bits(ScalarMath.Exp(x)));

    [Fact]
    public void Exp_ends_where_float32_does()
    {
        Assert.True(float.IsFinite(ScalarMath.Exp(88.72283f)));
        Assert.Equal(float.PositiveInfinity, ScalarMath.Exp(88.7229f));
        Assert.Equal(float.Epsilon, ScalarMath.Exp(-103.5f));
    }

    [Theory]
    [InlineData(0f, float.NegativeInfinity)]
    [InlineData(1f, 0f)]
    [InlineData(-1f, float.NaN)]
    [InlineData(-float.Epsilon, float.NaN)]
    [InlineData(float.NegativeInfinity, float.NaN)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Log_has_its_limits(float x, float expected) => Assert.Equal(Bits(expected), Bits(ScalarMath.Log(x)));

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(float.Epsilon, float.Epsilon)]
    [InlineData(-float.Epsilon, -float.Epsilon)]
    [InlineData(1e-30f, 1e-30f)]
    [InlineData(100f, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(float.NegativeInfinity, -1f)]
    [InlineData(float.NaN, float.NaN)]
    public void Tanh_has_its_limits(float x, float expected) => Assert.Equal(Bits(expected), Bits(ScalarMath.Tanh(x)));

    [Theory]
    [InlineData(0f, 0.5f)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Sigmoid_has_its_limits(float x, float expected) => Assert.Equal(Bits(expected), Bits(ScalarMath.Sigmoid(x)));

    [Fact]
    public void Negative_zero_is_taken_as_what_it_is()
    {
        Assert.Equal(Bits(1f), Bits(ScalarMath.Exp(-0f)));
        Assert.Equal(Bits(float.NegativeInfinity), Bits(ScalarMath.Log(-0f)));
        Assert.Equal(Bits(-0f), Bits(ScalarMath.Tanh(-0f)));
        Assert.Equal(Bits(0.5f), Bits(ScalarMath.Sigmoid(-0f)));
    }

    [Fact]
    public void Every_width_gives_the_bits_of_the_scalar_functions_at_every_place()
    {
        const int count = 20_011;
        using var x = new FloatBuffer(count);
        uint pattern = 0;
        for (int i = 0; i < count; i++, pattern += 214_631)
            x.Pointer[i] = BitConverter.UInt32BitsToSingle(pattern);
        foreach (Width width in Width.All)
        {
            VerifyWidth(width, default(ExpOperator), ScalarMath.Exp, x);
            VerifyWidth(width, default(LogOperator), ScalarMath.Log, x);
            VerifyWidth(width, default(TanhOperator), ScalarMath.Tanh, x);
            VerifyWidth(width, default(SigmoidOperator), ScalarMath.Sigmoid, x);
        }
    }

    private static void VerifyWidth<TOperator>(Width width, TOperator function, Func<float, float> scalar, FloatBuffer x)
        where TOperator : struct, IUnaryOperator
    {
        using var y = new FloatBuffer(x.Length);
        width.Map(function, x.Pointer, y.Pointer, x.Length);
        for (int i = 0; i < x.Length; i++)
            if (!float.IsNaN(x.Pointer[i]) || !float.IsNaN(y.Pointer[i]))
                Assert.True(Bits(scalar(x.Pointer[i])) == Bits(y.Pointer[i]), $"{function} at {width} of {x.Pointer[i]:R}");
    }

    private static void VerifyError(Func<float, float> function, Func<double, double> reference, double bound)
    {
        double worst = 0;
        float worstAt = 0;
        for (ulong pattern = 0; pattern <= uint.MaxValue; pattern += BitStride)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)pattern);
            double expected = reference(x);
            float actual = function(x);
            if (double.IsNaN(expected) || double.IsInfinity((float)expected) || float.IsInfinity(actual))
            {
                Assert.True(float.IsNaN((float)expected) ? float.IsNaN(actual) : (float)expected == actual, $"{x:R} gives {actual:R}, not {expected:R}");
                continue;
            }
            double error = Math.Abs(actual - expected) / Unit(expected);
            if (error > worst)
                (worst, worstAt) = (error, x);
        }
        Assert.True(worst <= bound, $"{worst:F3} units at {worstAt:R}");
    }

    /// <summary>The distance of neighbouring float32 around a number.</summary>
    private static double Unit(double value)
    {
        int exponent = value == 0 ? -126 : Math.Max(-126, Math.ILogB(value));
        return Math.ScaleB(1, exponent - 23);
    }

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
