using Lockstep.Engine.Kernels.Convolutions.Winograd;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// The sums that make a whole result out of a source: one plan for a convolution; for its input gradient one for each remainder of a
/// pixel modulo the stride, for pixels of different remainders are reached by different taps.
/// </summary>
/// <param name="Source">How the source is read.</param>
/// <param name="SourceLayout">Where it lies.</param>
/// <param name="Result">Where the result lies.</param>
/// <param name="Groups">How many groups.</param>
/// <param name="WeightGroupStride">From one group's weights to the next group's.</param>
/// <param name="Plans">The sums; together their grids are the result.</param>
internal sealed record GatherSet(
    PaddedImage Source, ImageLayout SourceLayout, ImageLayout Result, int Groups, int WeightGroupStride, GatherPlan[] Plans)
{
    /// <summary>How it is computed with fewer products, for 3×3 or 5×5 taps and many channels; else null.</summary>
    public WinogradPlan? Winograd { get; init; }

    /// <summary>The most places that a sum has.</summary>
    public int MostPlaces { get; } = Plans.Max(plan => plan.Places);

    /// <summary>Rows of each sum: channels of the result in a group.</summary>
    public int GroupRows => Result.Channels / Groups;

    /// <summary>Channels of the source in a group.</summary>
    public int GroupChannels => SourceLayout.Channels / Groups;

    /// <summary>Numbers of one group's copy of a sample; 0 where the sample itself is read.</summary>
    public int CopyLength => Source.IsCopy ? checked(Source.ChannelStride * GroupChannels) : 0;

    /// <summary>features = the correlation of images with filters; k runs over (channel, kh, kw).</summary>
    public static GatherSet Correlation(ConvolutionShape shape, ImageLayout image, ImageLayout features)
    {
        WindowAxis vertical = shape.Vertical, horizontal = shape.Horizontal;
        var rows = PaddedAxis.OfWindows(vertical);
        var columns = PaddedAxis.OfWindows(horizontal);
        var source = new PaddedImage(image, rows, columns);
        var offsets = new List<int>(shape.FilterLength);
        for (int channel = 0; channel < shape.GroupChannels; channel++)
            for (int y = 0; y < vertical.Kernel; y++)
                for (int x = 0; x < horizontal.Kernel; x++)
                    offsets.Add(source.Offset(channel, rows.Of(y, vertical.Dilation), columns.Of(x, horizontal.Dilation)));
        // Where rows of the source follow one another without a gap, as for kernels of one pixel, all places are one row.
        bool isOneRow = source.Pitch == horizontal.Output && (vertical.Output == 1 || features.RowStride == horizontal.Output * features.ColumnStride);
        var plan = new GatherPlan([.. offsets], [.. Enumerable.Range(0, shape.FilterLength)])
        {
            WeightStride = shape.FilterLength,
            Rows = isOneRow ? 1 : vertical.Output,
            Columns = isOneRow ? shape.Positions : horizontal.Output,
            SourcePitch = source.Pitch,
            ResultOrigin = 0,
            ResultPitch = features.RowStride,
            ResultStep = features.ColumnStride,
        };
        return new GatherSet(source, image, features, shape.Groups, shape.GroupFilters * shape.FilterLength, [plan]) { Winograd = WinogradPlan.OfCorrelation(shape, image, features) };
    }

    /// <summary>
    /// images = for every pixel the sum over the filters and taps that see it, k in the order (filter, kh, kw). Taps that would see the
    /// pixel from between two places of the features take no part; those that would from outside of them count as +0.
    /// </summary>
    public static GatherSet Backprojection(ConvolutionShape shape, ImageLayout image, ImageLayout features)
    {
        IReadOnlyList<PixelPhase> vertical = PixelPhase.Of(shape.Vertical), horizontal = PixelPhase.Of(shape.Horizontal);
        PaddedAxis rows = PixelPhase.Padded(shape.Vertical, vertical), columns = PixelPhase.Padded(shape.Horizontal, horizontal);
        var source = new PaddedImage(features, rows, columns);
        var plans = new List<GatherPlan>();
        foreach (PixelPhase y in vertical)
        {
            foreach (PixelPhase x in horizontal)
                plans.Add(Plan(y, x));
        }
        return new GatherSet(source, features, image, shape.Groups, shape.GroupFilters * shape.FilterLength, [.. plans]) { Winograd = WinogradPlan.OfBackprojection(shape, image, features) };

        GatherPlan Plan(PixelPhase y, PixelPhase x)
        {
            var offsets = new List<int>();
            var weights = new List<int>();
            for (int filter = 0; filter < shape.GroupFilters; filter++)
            {
                foreach ((int ky, int dy) in y.Taps)
                {
                    foreach ((int kx, int dx) in x.Taps)
                    {
                        offsets.Add(source.Offset(filter, (0, dy + rows.Padding), (0, dx + columns.Padding)));
                        weights.Add((filter * shape.FilterLength) + (ky * shape.Horizontal.Kernel) + kx);
                    }
                }
            }
            return new GatherPlan([.. offsets], [.. weights])
            {
                WeightStride = shape.Taps,
                Rows = y.Count,
                Columns = x.Count,
                SourcePitch = source.Pitch,
                ResultOrigin = (y.Remainder * image.RowStride) + (x.Remainder * image.ColumnStride),
                ResultPitch = shape.Vertical.Stride * image.RowStride,
                ResultStep = shape.Horizontal.Stride * image.ColumnStride,
            };
        }
    }

    /// <summary>Numbers that the packed weights take at a tile shape whose panels hold <paramref name="paddedRows"/> rows together.</summary>
    public long PackedLength(int paddedRows) => (long)Groups * paddedRows * Plans.Sum(plan => (long)plan.Depth);
}
