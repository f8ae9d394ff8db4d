namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// A convolution with 3×3 taps, or its input gradient, by Winograd's minimal filtering F(2×2, 3×3): every 2×2 places of the result are 16 products instead of 36.
/// With d the 4×4 numbers of the source that a tile sees and g a filter, Y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A (Lavin and Gray 2016, arXiv:1509.09308, with its matrices for F(2×2, 3×3)). The products of all
/// channels are summed before Aᵀ…A, so that there are 16 matrix products, whose k runs over the channels.
/// </summary>
/// <remarks>
/// Whether it is taken follows from the layer's shape alone, never from the machine, the batch or the share: the numbers differ in their last bits from those of the
/// definition's order. Errors stay within a quarter more than those of that order, as root mean squares (see the tests). A number that is not finite makes all four places of its tiles not finite.
/// </remarks>
internal sealed class WinogradPlan
{
    /// <summary>Places of the result in a tile, along one axis.</summary>
    public const int TileSize = 2;

    /// <summary>Numbers of the source that a tile sees, along one axis; so many products it has, squared.</summary>
    public const int WindowSize = 4;

    /// <summary>Products of a tile, for each channel and row.</summary>
    public const int Products = WindowSize * WindowSize;

    /// <summary>Taps along one axis.</summary>
    public const int Taps = 3;

    /// <summary>k of a block of the filters' gradient: what a panel's 16 matrices take at that length leaves room for others in the second-level cache.</summary>
    public const int BlockTiles = 128;

    /// <summary>Short leaves are taken together up to so many tiles, for then fewer of their sums go to memory and come back: four of AlexNet's one-sample leaves of 49.</summary>
    public const int TilesTogether = 200;

    // With fewer channels or rows the transforms cost what the products save.
    private const int LeastChannels = 32;
    private const int LeastPlaces = 4;

    private WinogradPlan(ConvolutionShape shape, ImageLayout source, ImageLayout result, bool isBackprojection)
    {
        (Source, Result, Groups) = (source, result, shape.Groups);
        WeightGroupStride = shape.GroupFilters * shape.FilterLength;
        (IsRotated, int filterStride, int channelStride) = (isBackprojection, shape.FilterLength, shape.Taps);
        // A tap sees the pixel from the other side: the filters turned by half a circle, over the padding that is left of the two rows beside a pixel.
        (RowStride, DepthStride) = isBackprojection ? (channelStride, filterStride) : (filterStride, channelStride);
        Window = isBackprojection
            ? new TileWindow(WindowSize, Taps - 1 - shape.Vertical.Padding, Taps - 1 - shape.Horizontal.Padding)
            : new TileWindow(WindowSize, shape.Vertical.Padding, shape.Horizontal.Padding);
        TileRows = (result.Height + TileSize - 1) / TileSize;
        TileColumns = (result.Width + TileSize - 1) / TileSize;
    }

    /// <summary>Where the source lies.</summary>
    public ImageLayout Source { get; }

    /// <summary>Where the result lies.</summary>
    public ImageLayout Result { get; }

    /// <summary>Groups of channels that do not see each other.</summary>
    public int Groups { get; }

    /// <summary>Channels of the source in a group.</summary>
    public int Depth => Source.Channels / Groups;

    /// <summary>Channels of the result in a group.</summary>
    public int Rows => Result.Channels / Groups;

    /// <summary>From one group's weights to the next group's.</summary>
    public int WeightGroupStride { get; }

    /// <summary>From the weights of one channel of the result to the next one's.</summary>
    public int RowStride { get; }

    /// <summary>From the weights of one channel of the source to the next one's.</summary>
    public int DepthStride { get; }

    /// <summary>Whether the taps are read from the last to the first.</summary>
    public bool IsRotated { get; }

    /// <summary>What a tile sees of the source.</summary>
    public TileWindow Window { get; }

    /// <summary>Tiles from top to bottom.</summary>
    public int TileRows { get; }

    /// <summary>Tiles from left to right.</summary>
    public int TileColumns { get; }

    /// <summary>Tiles of a sample.</summary>
    public int Tiles => TileRows * TileColumns;

    /// <summary>Features from images, or null where the definition's order is taken.</summary>
    public static WinogradPlan? OfCorrelation(ConvolutionShape shape, ImageLayout image, ImageLayout features) =>
        Suits(shape, image, features) ? new WinogradPlan(shape, image, features, isBackprojection: false) : null;

    /// <summary>Images from features, or null where the definition's order is taken.</summary>
    public static WinogradPlan? OfBackprojection(ConvolutionShape shape, ImageLayout image, ImageLayout features) =>
        Suits(shape, image, features) ? new WinogradPlan(shape, features, image, isBackprojection: true) : null;

    /// <summary>Numbers that the packed weights take at a tile shape whose panels hold <paramref name="paddedRows"/> rows together.</summary>
    public long PackedLength(int paddedRows) => (long)Groups * paddedRows * Products * Depth;

    /// <summary>Which tiles are the lanes of a panel.</summary>
    /// <param name="first">The first tile of all samples' tiles.</param>
    /// <param name="lanes">How many.</param>
    /// <param name="runs">Room for as many runs.</param>
    /// <returns>How many runs they are.</returns>
    public unsafe int FindRuns(long first, int lanes, TileRun* runs)
    {
        int count = 0;
        (int sample, int tile) = ((int)(first / Tiles), (int)(first % Tiles));
        for (int lane = 0; lane < lanes;)
        {
            (int row, int column) = (tile / TileColumns, tile % TileColumns);
            int length = Math.Min(TileColumns - column, lanes - lane);
            runs[count++] = new TileRun(sample, row, column, length, lane);
            lane += length;
            tile += length;
            if (tile == Tiles)
                (sample, tile) = (sample + 1, 0);
        }
        return count;
    }

    private static bool Suits(ConvolutionShape shape, ImageLayout image, ImageLayout features) =>
        Suits(shape.Vertical) && Suits(shape.Horizontal) && image.ColumnStride == 1 && features.ColumnStride == 1
        && shape.GroupChannels >= LeastChannels && shape.GroupFilters >= LeastChannels;

    private static bool Suits(WindowAxis axis) => axis is { Kernel: Taps, Stride: 1, Dilation: 1, Padding: < Taps, Output: >= LeastPlaces, Input: >= LeastPlaces };
}
