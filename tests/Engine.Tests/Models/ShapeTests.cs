using Lockstep.Engine.Models;

namespace Lockstep.Engine.Tests.Models;

public sealed class ShapeTests
{
    [Fact]
    public void Shapes_are_equal_when_their_axes_are()
    {
        Assert.Equal(new Shape(1, 28, 28), new Shape(1, 28, 28));
        Assert.Equal(new Shape(2, 3).GetHashCode(), new Shape(2, 3).GetHashCode());
        Assert.NotEqual(new Shape(2, 3), new Shape(3, 2));
        Assert.NotEqual(new Shape(6), new Shape(6, 1));
    }

    [Fact]
    public void A_shape_knows_its_length_and_writes_itself()
    {
        var shape = new Shape(3, 4, 5);
        Assert.Equal(60, shape.Length);
        Assert.Equal(3, shape.Rank);
        Assert.Equal(5, shape[2]);
        Assert.Equal("[3, 4, 5]", shape.ToString());
        Assert.Equal(1, new Shape().Length);
    }

    [Fact]
    public void Axes_that_make_no_sample_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Shape(3, 0));
        Assert.Throws<ArgumentException>(() => new Shape(-1));
        Assert.Throws<ArgumentException>(() => new Shape(65_536, 65_536));
    }
}
