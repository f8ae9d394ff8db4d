using CsCheck;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Tests.Kernels;

public sealed unsafe class VectorMathTests
{
    private const int GuardLength = 16;
    private const float Guard = 12345f;

    private static readonly float[] Specials =
        [0f, -0f, 1f, -1f, float.Epsilon, -float.Epsilon, 1e-38f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 3.5f, -2.25f];

    private static readonly Gen<float> Number = Gen.Frequency((8, Gen.Float[-100, 100]), (2, Gen.Int[0, Specials.Length - 1].Select(i => Specials[i])));

    private static readonly Gen<float[]> Numbers = Number.Array[0, 70];

    [Fact]
    public void Functions_of_one_number_have_the_bits_of_their_definition_at_every_width() => Numbers.Sample(
        x =>
        {
            foreach (Width width in Width.All)
            {
                Verify(width, default(ReluOperator), x, v => v < 0 ? 0f : v);
                Verify(width, new LeakyReluOperator(0.1f), x, v => v > 0 ? v : v * 0.1f);
                Verify(width, new ScaleOperator(1.7f), x, v => v * 1.7f);
                Verify(width, new DivideOperator(3f), x, v => v / 3f);
            }
        },
        iter: 200);

    [Fact]
    public void Functions_of_two_numbers_have_the_bits_of_their_definition_at_every_width() => Gen.Select(Number, Number).Array[0, 70].Sample(
        pairs =>
        {
            foreach (Width width in Width.All)
            {
                Verify(width, default(AddOperator), pairs, (x, y) => x + y);
                Verify(width, default(SubtractOperator), pairs, (x, y) => x - y);
                Verify(width, default(MultiplyOperator), pairs, (x, y) => x * y);
                Verify(width, new MultiplyAddOperator(-0.1f), pairs, (x, y) => float.FusedMultiplyAdd(-0.1f, x, y));
                Verify(width, default(ReluGradientOperator), pairs, (x, y) => x <= 0 ? 0f : y);
                Verify(width, new LeakyReluGradientOperator(0.1f), pairs, (x, y) => x > 0 ? y : y * 0.1f);
                Verify(width, default(TanhGradientOperator), pairs, (x, y) => y * float.FusedMultiplyAdd(-x, x, 1f));
                Verify(width, default(SigmoidGradientOperator), pairs, (x, y) => y * (x * (1f - x)));
            }
        },
        iter: 200);

    [Fact]
    public void Reductions_have_the_bits_of_sixteen_lanes_and_a_tree_at_every_width() => Numbers.Sample(
        x =>
        {
            fixed (float* p = x)
            {
                float sum = Lanes(x, 0f, (a, b) => a + b);
                float max = Lanes(x, float.NegativeInfinity, (a, b) => a < b ? b : a);
                foreach (Width width in Width.All)
                {
                    AssertSame(sum, width.Fold(default(AddOperator), p, x.Length, 0f));
                    AssertSame(max, width.Fold(default(MaxOperator), p, x.Length, float.NegativeInfinity));
                    Assert.Equal(x.All(float.IsFinite), width.Fold(default(NotFiniteOperator), p, x.Length, 0f) == 0f);
                }
            }
        },
        iter: 300);

    [Fact]
    public void The_sum_of_squares_has_the_bits_of_sixteen_float64_lanes_and_a_tree() => Gen.Float[-1e20f, 1e20f].Array[0, 100].Sample(
        x =>
        {
            var lanes = new double[16];
            for (int i = 0; i < x.Length; i++)
                lanes[i % 16] = Math.FusedMultiplyAdd(x[i], x[i], lanes[i % 16]);
            for (int half = 8; half > 0; half /= 2)
                for (int lane = 0; lane < half; lane++)
                    lanes[lane] += lanes[lane + half];
            fixed (float* p = x)
                Assert.Equal(BitConverter.DoubleToInt64Bits(lanes[0]), BitConverter.DoubleToInt64Bits(VectorMath.SumOfSquares(p, x.Length)));
        },
        iter: 300);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_not_finite_shows_in_the_sum_of_squares_wherever_it_is(float bad)
    {
        using var x = new FloatBuffer(37);
        for (int i = 0; i < 37; i++)
        {
            x.Clear();
            x.Pointer[i] = bad;
            Assert.False(double.IsFinite(VectorMath.SumOfSquares(x.Pointer, 37)));
            Assert.False(VectorMath.AllFinite(x.Pointer, 37));
            Assert.True(VectorMath.AllFinite(x.Pointer, i));
        }
    }

    private static float Lanes(float[] x, float identity, Func<float, float, float> function)
    {
        float[] lanes = Enumerable.Repeat(identity, 16).ToArray();
        for (int i = 0; i < x.Length; i++)
            lanes[i % 16] = function(lanes[i % 16], x[i]);
        for (int half = 8; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                lanes[lane] = function(lanes[lane], lanes[lane + half]);
        return lanes[0];
    }

    private static void Verify<TOperator>(Width width, TOperator function, float[] x, Func<float, float> definition)
        where TOperator : struct, IUnaryOperator
    {
        float[] y = Guarded(x.Length);
        fixed (float* px = x, py = y)
            width.Map(function, px, py, x.Length);
        for (int i = 0; i < x.Length; i++)
            AssertSame(definition(x[i]), y[i]);
        AssertGuard(y, x.Length);
    }

    private static void Verify<TOperator>(Width width, TOperator function, (float X, float Y)[] pairs, Func<float, float, float> definition)
        where TOperator : struct, IBinaryOperator
    {
        float[] x = pairs.Select(pair => pair.X).ToArray();
        float[] y = pairs.Select(pair => pair.Y).ToArray();
        float[] result = Guarded(x.Length);
        fixed (float* px = x, py = y, p = result)
            width.Map(function, px, py, p, x.Length);
        for (int i = 0; i < x.Length; i++)
            AssertSame(definition(x[i], y[i]), result[i]);
        AssertGuard(result, x.Length);
    }

    /// <summary>An array with room for a vector after the numbers, where nothing may be written.</summary>
    private static float[] Guarded(int length)
    {
        var numbers = new float[length + GuardLength];
        Array.Fill(numbers, Guard);
        return numbers;
    }

    private static void AssertGuard(float[] numbers, int length) => Assert.All(numbers[length..], number => Assert.Equal(Guard, number));

    // Any NaN is as good as another: what is not finite stops the run.
    private static void AssertSame(float expected, float actual) => Assert.True(
        float.IsNaN(expected) ? float.IsNaN(actual) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual),
        $"{actual:R} instead of {expected:R}");

    [Theory]
    [InlineData(1f)]
    [InlineData(128f)]
    [InlineData(0.25f)]
    [InlineData(1.7014118e38f)]
    [InlineData(1.1754944e-38f)]
    [InlineData(-8f)]
    [InlineData(0f)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(3f)]
    public void A_quotient_is_rounded_once_whatever_the_divisor(float divisor)
    {
        float[] numbers = [0f, -0f, 1f, -3f, 1e-45f, -1.3e-38f, 5.877472e-39f, 3.4e38f, 1.1754944e-38f, float.NaN, float.NegativeInfinity, 0.1f, 7e-39f, 123456.7f, -1e-40f, 2f, 9f];
        using var buffer = new FloatBuffer(numbers.Length);
        numbers.CopyTo(buffer.Span);
        VectorMath.Divide(buffer.Pointer, numbers.Length, divisor);
        Assert.Equal(numbers.Select(number => number / divisor), buffer.Span.ToArray());
    }
}
