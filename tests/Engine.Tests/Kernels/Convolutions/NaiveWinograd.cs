using Lockstep.Engine.Kernels.Convolutions;

namespace Lockstep.Engine.Tests.Kernels.Convolutions;

/// <summary>A minimal filtering of Winograd's tile by tile, with each sum in the order that the kernels have.</summary>
internal sealed class NaiveWinograd(ConvolutionShape shape)
{
    private readonly NaiveFiltering _filtering = NaiveFiltering.Of(shape.Vertical.Kernel);

    private int Tile => _filtering.Tile;

    private int WindowSize => _filtering.Tile + _filtering.Taps - 1;

    private int Points => _filtering.Window(new float[WindowSize]).Length;

    public float[] Features(float[] images, float[] weights, float[]? bias, int samples) => Compute(
        samples, shape.GroupFilters, shape.GroupChannels, (shape.Vertical.Input, shape.Horizontal.Input), (shape.Vertical.Output, shape.Horizontal.Output),
        (shape.Vertical.Padding, shape.Horizontal.Padding), images, bias,
        (group, row, depth, tap) => weights[((((group * shape.GroupFilters) + row) * shape.GroupChannels) + depth) * shape.Taps + tap]);

    public float[] Images(float[] features, float[] weights, float[]? bias, int samples) => Compute(
        samples, shape.GroupChannels, shape.GroupFilters, (shape.Vertical.Output, shape.Horizontal.Output), (shape.Vertical.Input, shape.Horizontal.Input),
        (_filtering.Taps - 1 - shape.Vertical.Padding, _filtering.Taps - 1 - shape.Horizontal.Padding), features, bias,
        (group, row, depth, tap) => weights[((((group * shape.GroupFilters) + depth) * shape.GroupChannels) + row) * shape.Taps + shape.Taps - 1 - tap]);

    /// <summary>Gᵀ[Σ (A·dY·Aᵀ) ⊙ (Bᵀ·d·B)]G: k over the tiles of a leaf's samples in blocks, the leaves added as a tree of filters.</summary>
    public float[] Weights(float[] images, float[] gradients, int[] bounds)
    {
        (int rows, int columns) = ((shape.Vertical.Output + Tile - 1) / Tile, (shape.Horizontal.Output + Tile - 1) / Tile);
        int tiles = rows * columns;
        float[] result = new float[shape.Filters * shape.FilterLength];
        for (int group = 0; group < shape.Groups; group++)
        {
            float[][,] windows = Tiles(shape.GroupChannels, (n, channel, y, x) => NaiveFiltering.Both(_filtering.Window, WindowSize, (i, j) => At(
                images, n, (group * shape.GroupChannels) + channel, y - shape.Vertical.Padding + i, x - shape.Horizontal.Padding + j, shape.Channels, shape.Vertical.Input, shape.Horizontal.Input)));
            float[][,] places = Tiles(shape.GroupFilters, (n, filter, y, x) => NaiveFiltering.Both(_filtering.Places, Tile, (i, j) => At(
                gradients, n, (group * shape.GroupFilters) + filter, y + i, x + j, shape.Filters, shape.Vertical.Output, shape.Horizontal.Output)));
            for (int f = 0; f < shape.GroupFilters; f++)
            {
                for (int c = 0; c < shape.GroupChannels; c++)
                {
                    var leaves = new Dictionary<(int, int), float[,]>();
                    for (int tap = 0; tap < shape.Taps; tap++)
                        result[((((group * shape.GroupFilters) + f) * shape.GroupChannels) + c) * shape.Taps + tap] = NaiveProduct.Tree(bounds, (start, end) => Leaf(leaves, f, c, start, end)[tap / _filtering.Taps, tap % _filtering.Taps]);
                }
            }

            float[,] Leaf(Dictionary<(int, int), float[,]> known, int f, int c, int start, int end)
            {
                if (!known.TryGetValue((start, end), out float[,]? filter))
                {
                    filter = NaiveFiltering.Both(_filtering.Filters, Points, (i, j) => NaiveProduct.Element(
                        k => places[(k * shape.GroupFilters) + f][i, j], k => windows[(k * shape.GroupChannels) + c][i, j], start * tiles, end * tiles, _filtering.BlockTiles));
                    known.Add((start, end), filter);
                }
                return filter;
            }
        }
        return result;

        // [sample, tile, channel].
        float[][,] Tiles(int channels, Func<int, int, int, int, float[,]> tile) => [.. Enumerable.Range(0, bounds[^1] * tiles * channels).Select(i =>
            tile(i / channels / tiles, i % channels, i / channels % tiles / columns * Tile, i / channels % columns * Tile))];

        static float At(float[] numbers, int n, int channel, int y, int x, int channels, int height, int width) =>
            y < 0 || x < 0 || y >= height || x >= width ? 0 : numbers[(((((n * channels) + channel) * height) + y) * width) + x];
    }

    private float[] Compute(
        int samples, int rows, int depth, (int Height, int Width) source, (int Height, int Width) result, (int Top, int Left) padding,
        float[] input, float[]? bias, Func<int, int, int, int, float> weight)
    {
        float[] output = new float[samples * shape.Groups * rows * result.Height * result.Width];
        for (int group = 0; group < shape.Groups; group++)
        {
            float[][,] filters = [.. Enumerable.Range(0, rows * depth).Select(r => NaiveFiltering.Both(_filtering.Filter, _filtering.Taps, (i, j) => weight(group, r / depth, r % depth, (i * _filtering.Taps) + j)))];
            for (int n = 0; n < samples; n++)
                for (int y = 0; y < result.Height; y += Tile)
                    for (int x = 0; x < result.Width; x += Tile)
                    {
                        float[][,] windows = [.. Enumerable.Range(0, depth).Select(c => NaiveFiltering.Both(_filtering.Window, WindowSize, (i, j) => Pixel(n, (group * depth) + c, y - padding.Top + i, x - padding.Left + j)))];
                        for (int row = 0; row < rows; row++)
                            Place(NaiveFiltering.Both(_filtering.Products, Points, (i, j) => NaiveProduct.Element(k => filters[(row * depth) + k][i, j], k => windows[k][i, j], 0, depth, _filtering.BlockChannels)), n, (group * rows) + row, y, x);
                    }
        }
        return output;

        float Pixel(int n, int channel, int y, int x) => y < 0 || x < 0 || y >= source.Height || x >= source.Width
            ? 0
            : input[(((((n * shape.Groups * depth) + channel) * source.Height) + y) * source.Width) + x];

        void Place(float[,] places, int n, int channel, int y, int x)
        {
            for (int i = 0; i < Tile && y + i < result.Height; i++)
                for (int j = 0; j < Tile && x + j < result.Width; j++)
                    output[(((((n * shape.Groups * rows) + channel) * result.Height) + y + i) * result.Width) + x + j] = bias is null ? places[i, j] : places[i, j] + bias[channel];
        }
    }
}
