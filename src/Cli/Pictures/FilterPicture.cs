using Lockstep.Engine.Layers;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;

namespace Lockstep.Cli.Pictures;

/// <summary>
/// The weights of a layer as pictures: filters [filters, C, kH, kW] of a convolution, or the units [units, C·H·W] of a dense layer that sees whole images. Three channels are
/// one tile in colour, other numbers of channels a row of tiles in gray.
/// </summary>
internal static unsafe class FilterPicture
{
    /// <summary>The first layer that has one; null where none does.</summary>
    public static Layer? FirstOf(Network network) => network.Layers.FirstOrDefault(layer => ShapeOf(network, layer) is not null);

    /// <summary>Draws a layer's weights; null where they are no pictures.</summary>
    /// <param name="network">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="parameters">Base of the flat buffer.</param>
    public static Picture? Of(Network network, Layer layer, float* parameters)
    {
        if (ShapeOf(network, layer) is not var (filters, channels, height, width))
            return null;
        ParameterView weight = network.ParametersOf(layer.Index)[0];
        var numbers = new ReadOnlySpan<float>(parameters + weight.Offset, checked((int)weight.Length));
        return channels == 3
            ? TileGrid.Draw(numbers, filters, 3, height, width, TileGrid.Square(filters), TileGrid.AroundZero)
            : TileGrid.Draw(numbers, filters * channels, 1, height, width, channels == 1 ? TileGrid.Square(filters) : channels, TileGrid.AroundZero);
    }

    private static (int Filters, int Channels, int Height, int Width)? ShapeOf(Network network, Layer layer)
    {
        if (network.ParametersOf(layer.Index).FirstOrDefault() is not { Role: ParameterRole.Trained } weight)
            return null;
        if (weight.Shape is [var filters, var channels, var height, var width])
            return (filters, channels, height, width);
        // A dense layer sees an image where nothing but layers that leave every number in its place comes before it.
        bool seesImage = network.Input.Rank == 3 && network.Layers.Take(layer.Index).All(before => before.PassesThrough || KeepsPlaces(network, before));
        return weight.Shape is [var units, var inputs] && seesImage && inputs == network.Input.Length
            ? (units, network.Input[0], network.Input[1], network.Input[2])
            : null;
    }

    private static bool KeepsPlaces(Network network, Layer layer) =>
        layer.Input.Equals(layer.Output) && network.ParametersOf(layer.Index).All(parameter => parameter.Shape.Count == 1);
}
