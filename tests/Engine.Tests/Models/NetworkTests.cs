using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Models;

public sealed class NetworkTests
{
    [Fact]
    public void Parameters_are_called_by_index_or_name_and_have_the_shapes_of_PyTorch()
    {
        Network network = Network.Build(
            [new FlattenSpec(), new DenseSpec(5) { Name = "hidden" }, new ActivationSpec(ActivationKind.Relu), new DenseSpec(3, Bias: false)],
            new Shape(1, 2, 4));
        Assert.Equal(["hidden.weight", "hidden.bias", "3.weight"], network.Layout.Parameters.Select(parameter => parameter.Name));
        Assert.Equal([5, 8], network.Layout["hidden.weight"].Shape);
        Assert.Equal([5], network.Layout["hidden.bias"].Shape);
        Assert.Equal([3, 5], network.Layout["3.weight"].Shape);
        Assert.True(network.Layout["hidden.bias"].IsBias);
        Assert.False(network.Layout["hidden.weight"].IsBias);
        Assert.Equal(new Shape(3), network.Output);
        Assert.Equal(new Shape(8), network.Layers[0].Output);
    }

    [Fact]
    public void A_layers_freezing_and_rate_reach_its_parameters()
    {
        Network network = Network.Build([new DenseSpec(5) { Frozen = true, LearningRateFactor = 0.5f }, new DenseSpec(2)], new Shape(4));
        Assert.All(network.ParametersOf(0), parameter => Assert.True(parameter.Frozen && parameter.LearningRateFactor == 0.5f));
        Assert.All(network.ParametersOf(1), parameter => Assert.True(!parameter.Frozen && parameter.LearningRateFactor == 1));
    }

    [Fact]
    public void A_dense_layer_on_images_is_refused_with_what_to_do()
    {
        var error = Assert.Throws<ShapeException>(() => Network.Build([new ActivationSpec(ActivationKind.Tanh), new DenseSpec(3) { Name = "out" }], new Shape(1, 8, 8)));
        Assert.Equal("out (dense)", error.Layer);
        Assert.Equal("number of axes", error.Axis);
        Assert.Equal("1, or 2 of a sequence", error.Expected);
        Assert.Equal("3 ([1, 8, 8])", error.Found);
        Assert.Equal("Layer out (dense), number of axes: expected 1, or 2 of a sequence, found 3 ([1, 8, 8]). Put a flatten layer before it.", error.Message);
    }

    [Fact]
    public void A_dense_layer_without_units_is_refused() =>
        Assert.Throws<ShapeException>(() => Network.Build([new DenseSpec(0)], new Shape(8)));

    [Fact]
    public void Two_layers_of_one_name_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Network.Build([new DenseSpec(2) { Name = "a" }, new ActivationSpec(ActivationKind.Relu) { Name = "a" }], new Shape(8)));
        Assert.Throws<ArgumentException>(() => Network.Build([new DenseSpec(2) { Name = "1" }, new DenseSpec(2)], new Shape(8)));
    }

    [Fact]
    public void A_network_without_layers_is_refused() => Assert.Throws<ArgumentException>(() => Network.Build([], new Shape(8)));
}
