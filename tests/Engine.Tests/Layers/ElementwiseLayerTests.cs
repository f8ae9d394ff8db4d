using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Layers;

public sealed unsafe class ElementwiseLayerTests
{
    [Theory]
    [InlineData(ActivationKind.Relu)]
    [InlineData(ActivationKind.Sigmoid)]
    [InlineData(ActivationKind.Tanh)]
    public void An_activation_lets_NaN_through(ActivationKind kind) => Assert.True(float.IsNaN(Apply(kind, [1, float.NaN])[1]));

    [Fact]
    public void Relu_cuts_below_zero() => Assert.Equal([0f, 0f, 0f, 2.5f, float.PositiveInfinity], Apply(ActivationKind.Relu, [-1, float.NegativeInfinity, 0, 2.5f, float.PositiveInfinity]));

    [Fact]
    public void Sigmoid_and_tanh_reach_their_limits_without_overflow()
    {
        Assert.Equal([0f, 0.5f, 1f], Apply(ActivationKind.Sigmoid, [-1000, 0, 1000]));
        Assert.Equal([-1f, 0f, 1f], Apply(ActivationKind.Tanh, [-1000, 0, 1000]));
    }

    [Theory]
    [InlineData(ActivationKind.Relu)]
    [InlineData(ActivationKind.Sigmoid)]
    [InlineData(ActivationKind.Tanh)]
    [InlineData(ActivationKind.Identity)]
    public void The_number_of_threads_changes_no_bit(ActivationKind kind)
    {
        // More than is worth sharing, and no multiple of anything.
        float[] numbers = Minibatch.Numbers(new Random(1), 40_009, 4);
        Assert.Equal(Apply(kind, numbers, threads: 1), Apply(kind, numbers, threads: 3));
    }

    private static float[] Apply(ActivationKind kind, float[] numbers, int threads = 1)
    {
        using var crew = new ComputeCrew(threads);
        Network network = Network.Build([new ActivationSpec(kind)], new Shape(numbers.Length));
        using var replica = new Replica(network, new LossSpec(LossKind.L2), [], 1, crew);
        using var minibatch = new Minibatch(1, numbers);
        using var parameters = new FloatBuffer(0);
        using var output = new FloatBuffer(numbers.Length);
        replica.UseParameters(parameters.Pointer, 0);
        replica.Predict(minibatch.All(), output.Pointer);
        return output.Span.ToArray();
    }
}
