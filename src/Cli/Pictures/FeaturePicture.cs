using Lockstep.Engine.Models;

namespace Lockstep.Cli.Pictures;

/// <summary>What a layer gives for one sample as a picture: the maps of [C, H, W] as tiles, the numbers of [D] as tiles of one colour, [T, D] as one tile with a row a step; all of one range.</summary>
internal static class FeaturePicture
{
    /// <summary>Draws them.</summary>
    /// <param name="shape">The layer's output.</param>
    /// <param name="features">Its numbers for the sample.</param>
    public static Picture Of(Shape shape, ReadOnlySpan<float> features)
    {
        (float, float) range = TileGrid.FromSmallest(features.ToArray());
        (int maps, int height, int width) = shape.Rank switch
        {
            3 => (shape[0], shape[1], shape[2]),
            2 => (1, shape[0], shape[1]),
            _ => (shape.Length, 1, 1),
        };
        return TileGrid.Draw(features, maps, 1, height, width, TileGrid.Square(maps), _ => range);
    }
}
