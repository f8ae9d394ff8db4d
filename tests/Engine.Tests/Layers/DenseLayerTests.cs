using Lockstep.Engine.Layers;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers;

public sealed class DenseLayerTests
{
    private const int Features = 1030;
    private const int Units = 1025;

    // Weights of so many numbers are packed beforehand for many samples, and panel by panel in the product for few.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Few_samples_have_the_bits_that_they_have_among_many(int threads)
    {
        const int Few = 3, Many = 259;
        float[] x = Minibatch.Numbers(new Random(1), Many * Features, 1);
        float[] dy = Minibatch.Numbers(new Random(2), Many * Units, 1);
        (float[] Y, float[] Dx) many = Run(Many, x, dy, threads), few = Run(Few, x[..(Few * Features)], dy[..(Few * Units)], threads);
        Assert.Equal(many.Y[..few.Y.Length], few.Y);
        Assert.Equal(many.Dx[..few.Dx.Length], few.Dx);
        Assert.DoesNotContain(few.Y, y => y == 0);
    }

    private static (float[] Y, float[] Dx) Run(int samples, float[] x, float[] dy, int threads)
    {
        using var run = new LayerRun(new DenseSpec(Units), new Shape(Features), samples, threads);
        float[] y = run.Forward(Phase.Training, x, 1, SumTree.Root(1));
        return (y, run.Backward(dy));
    }
}
