using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Layers;

public sealed unsafe class LeakyReluLayerTests
{
    [Fact]
    public void Numbers_below_zero_are_scaled_and_NaN_passes() => Assert.Equal(
        [-0.5f, float.NegativeInfinity, 0f, 2.5f, float.PositiveInfinity, float.NaN],
        Apply(0.25f, [-2, float.NegativeInfinity, 0, 2.5f, float.PositiveInfinity, float.NaN]));

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        float[] numbers = Minibatch.Numbers(new Random(1), 40_009, 4);
        Assert.Equal(Apply(0.01f, numbers), Apply(0.01f, numbers, threads: 3));
    }

    [Fact]
    public void A_slope_below_zero_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Network.Build([new LeakyReluSpec(-0.1f)], new Shape(3)));

    private static float[] Apply(float slope, float[] numbers, int threads = 1)
    {
        using var crew = new ComputeCrew(threads);
        using var replica = new Replica(Network.Build([new LeakyReluSpec(slope)], new Shape(numbers.Length)), new LossSpec(LossKind.L2), [], 1, crew);
        using var minibatch = new Minibatch(1, numbers);
        using var parameters = new FloatBuffer(0);
        using var output = new FloatBuffer(numbers.Length);
        replica.UseParameters(parameters.Pointer, 0);
        replica.Predict(minibatch.All(), output.Pointer);
        return output.Span.ToArray();
    }
}
