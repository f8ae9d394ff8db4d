namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// A convolution with 3×3 or 5×5 taps, or its input gradient, by Winograd's minimal filtering: every 2×2 places of the result are 16 products instead of 36 (<see cref="ThreeTaps"/>), or every 4×4 places 121 instead of 400 (<see cref="FiveTaps"/>).
/// With d the numbers of the source that a tile sees and g a filter, Y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A. The products of all channels are summed before Aᵀ…A, so that there are 16 or 121 matrix products, whose k runs over the channels.
/// </summary>
/// <remarks>
/// Whether it is taken follows from the layer's shape alone, never from the machine, the batch or the share: the numbers differ in their last bits from those of the
/// definition's order. Errors stay within a quarter more than those of that order, as root mean squares (see the tests). A number that is not finite makes all places of its tiles not finite.
/// </remarks>
internal sealed class WinogradPlan
{
    private WinogradPlan(FilteringSize size, ConvolutionShape shape, ImageLayout source, ImageLayout result, bool isBackprojection)
    {
        Size = size;
        (Source, Result, Groups) = (source, result, shape.Groups);
        WeightGroupStride = shape.GroupFilters * shape.FilterLength;
        (IsRotated, int filterStride, int channelStride) = (isBackprojection, shape.FilterLength, shape.Taps);
        // A tap sees the pixel from the other side: the filters turned by half a circle, over the padding that is left of the rows beside a pixel.
        (RowStride, DepthStride) = isBackprojection ? (channelStride, filterStride) : (filterStride, channelStride);
        Window = isBackprojection
            ? new TileWindow(size.WindowSize, size.Taps - 1 - shape.Vertical.Padding, size.Taps - 1 - shape.Horizontal.Padding)
            : new TileWindow(size.WindowSize, shape.Vertical.Padding, shape.Horizontal.Padding);
        TileRows = (result.Height + size.TileSize - 1) / size.TileSize;
        TileColumns = (result.Width + size.TileSize - 1) / size.TileSize;
    }

    /// <summary>Which filtering it is.</summary>
    public FilteringSize Size { get; }

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

    /// <summary>The places of the result that are a tile.</summary>
    public TileWindow Tile => new(Size.TileSize, 0, 0);

    /// <summary>Tiles from top to bottom.</summary>
    public int TileRows { get; }

    /// <summary>Tiles from left to right.</summary>
    public int TileColumns { get; }

    /// <summary>Tiles of a sample.</summary>
    public int Tiles => TileRows * TileColumns;

    /// <summary>Features from images, or null where the definition's order is taken.</summary>
    public static WinogradPlan? OfCorrelation(ConvolutionShape shape, ImageLayout image, ImageLayout features) =>
        Suited(shape, image, features) is { } size ? new WinogradPlan(size, shape, image, features, isBackprojection: false) : null;

    /// <summary>Images from features, or null where the definition's order is taken.</summary>
    public static WinogradPlan? OfBackprojection(ConvolutionShape shape, ImageLayout image, ImageLayout features) =>
        Suited(shape, image, features) is { } size ? new WinogradPlan(size, shape, features, image, isBackprojection: true) : null;

    /// <summary>Numbers that the packed weights take at a tile shape whose panels hold <paramref name="paddedRows"/> rows together.</summary>
    public long PackedLength(int paddedRows) => (long)Groups * paddedRows * Size.Products * Depth;

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

    private static FilteringSize? Suited(ConvolutionShape shape, ImageLayout image, ImageLayout features) =>
        Suits(FilteringSize.Three, shape, image, features) ? FilteringSize.Three : Suits(FilteringSize.Five, shape, image, features) ? FilteringSize.Five : null;

    private static bool Suits(FilteringSize size, ConvolutionShape shape, ImageLayout image, ImageLayout features) =>
        Suits(size, shape.Vertical) && Suits(size, shape.Horizontal) && image.ColumnStride == 1 && features.ColumnStride == 1
        && shape.GroupChannels >= size.LeastChannels && shape.GroupFilters >= size.LeastChannels;

    private static bool Suits(FilteringSize size, WindowAxis axis) =>
        axis is { Stride: 1, Dilation: 1 } && axis.Kernel == size.Taps && axis.Padding < size.Taps && axis.Output >= size.LeastPlaces && axis.Input >= size.LeastPlaces;
}
