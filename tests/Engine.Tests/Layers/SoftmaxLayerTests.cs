using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Layers;

public sealed unsafe class SoftmaxLayerTests
{
    [Fact]
    public void Each_row_of_the_last_axis_adds_up_to_1()
    {
        Assert.Equal([0.25f, 0.25f, 0.25f, 0.25f, 1f, 0f, 0f, 0f], Apply(new Shape(2, 4), [3, 3, 3, 3, 1000, 0, -1000, 0]));
        Assert.Equal([1f, 1f, 1f], Apply(new Shape(3, 1), [1, 2, 3]));
    }

    [Fact]
    public void A_row_with_a_NaN_is_NaN_and_the_others_are_not()
    {
        float[] y = Apply(new Shape(2, 2), [1, float.NaN, 2, 2]);
        Assert.Equal([float.NaN, float.NaN, 0.5f, 0.5f], y);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        float[] x = Minibatch.Numbers(new Random(5), 301 * 37, 6);
        Assert.Equal(Apply(new Shape(301, 37), x), Apply(new Shape(301, 37), x, threads: 3));
    }

    private static float[] Apply(Shape shape, float[] numbers, int threads = 1)
    {
        using var crew = new ComputeCrew(threads);
        using var replica = new Replica(Network.Build([new SoftmaxSpec()], shape), new LossSpec(LossKind.L2), [], 1, crew);
        using var minibatch = new Minibatch(1, numbers);
        using var parameters = new FloatBuffer(0);
        using var output = new FloatBuffer(numbers.Length);
        replica.UseParameters(parameters.Pointer, 0);
        replica.Predict(minibatch.All(), output.Pointer);
        return output.Span.ToArray();
    }
}
