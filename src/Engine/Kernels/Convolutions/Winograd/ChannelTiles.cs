using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// Transforms tiles of an image along both axes, where a channel is a lane, as the operands of a sum over tiles want it: the channels of a pixel are laid side by side first, for there are fewer numbers in an image than in what comes of its tiles.
/// </summary>
internal readonly unsafe struct ChannelTiles<TIsa, TVector, TTransform>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TTransform : struct, IAxisTransform
{
    private const int RowsAhead = 2;

    private readonly WinogradPlan _plan;
    private readonly ImageLayout _image;
    private readonly TileWindow _window;
    private readonly int _width;
    private readonly int _mostTiles;

    /// <param name="plan">Which tiles.</param>
    /// <param name="image">Where a sample's numbers lie.</param>
    /// <param name="window">What of it is transformed for a tile. Outside of the image that is +0.</param>
    /// <param name="width">The most lanes.</param>
    /// <param name="tiles">The most tiles at a time.</param>
    public ChannelTiles(WinogradPlan plan, ImageLayout image, TileWindow window, int width, int tiles) =>
        (_plan, _image, _window, _width, _mostTiles) = (plan, image, window, width, tiles);

    /// <summary>Numbers of memory that <see cref="Transform"/> wants.</summary>
    public long MemoryLength => (MostRows + _plan.Size.Points) * Pixels * _width;

    // Pixels of a row that the tiles see, zeros around the image among them.
    private long Pixels => ((_plan.TileColumns - 1) * _plan.Size.TileSize) + _window.Size;

    private long MostRows => ((Math.Min(_plan.TileRows, ((_mostTiles + _plan.TileColumns - 2) / _plan.TileColumns) + 1) - 1) * _plan.Size.TileSize) + _window.Size;

    /// <summary>Transforms tiles of some channels.</summary>
    /// <param name="images">[N, image].</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="channels">How many.</param>
    /// <param name="width">Lanes: whole vectors, or a multiple of four. Those without a channel are +0.</param>
    /// <param name="first">The first tile of all samples' tiles.</param>
    /// <param name="count">How many.</param>
    /// <param name="memory">See <see cref="MemoryLength"/>.</param>
    /// <param name="result">[p², <paramref name="stride"/>] of which tiles × width are written.</param>
    /// <param name="stride">From one result to the next.</param>
    public void Transform(float* images, int channel, int channels, int width, long first, int count, float* memory, float* result, nint stride)
    {
        nint rowLength = (nint)Pixels * width;
        float* pixels = memory, lines = memory + ((nint)MostRows * rowLength);
        while (count > 0)
        {
            (long sample, int tile) = (first / _plan.Tiles, (int)(first % _plan.Tiles));
            int tiles = Math.Min(_plan.Tiles - tile, count), top = tile / _plan.TileColumns, bottom = (tile + tiles - 1) / _plan.TileColumns;
            LoadRows(images + ((nint)sample * _image.Length) + ((nint)channel * _image.ChannelStride), channels, width, top, bottom, pixels);
            first += tiles;
            count -= tiles;
            for (int row = top; row <= bottom; row++)
            {
                int column = tile - (row * _plan.TileColumns), inRow = Math.Min(_plan.TileColumns - column, tiles);
                float* from = pixels + ((row - top) * _plan.Size.TileSize * rowLength) + ((nint)column * _plan.Size.TileSize * width);
                TransformRow(from, rowLength, inRow, width, lines, result, stride);
                tile += inRow;
                tiles -= inRow;
                result += (nint)inRow * width;
            }
        }
    }

    // pixels[y, x, lane] of all rows that the rows of tiles see.
    private void LoadRows(float* planes, int channels, int width, int top, int bottom, float* pixels)
    {
        nint rowLength = (nint)Pixels * width, left = (nint)_window.Left * width, inner = (nint)_image.Width * width;
        int first = (top * _plan.Size.TileSize) - _window.Top, end = (bottom * _plan.Size.TileSize) - _window.Top + _window.Size;
        for (int y = first; y < end; y++, pixels += rowLength)
        {
            if (y < 0 || y >= _image.Height)
            {
                new Span<float>(pixels, (int)rowLength).Clear();
                continue;
            }
            if (y + RowsAhead < _image.Height)
                Fetch(planes + ((nint)(y + RowsAhead) * _image.RowStride), channels);
            new Span<float>(pixels, (int)left).Clear();
            PanelPacking.Pack(planes + ((nint)y * _image.RowStride), _image.ChannelStride, lanesAdjacent: false, channels, width, _image.Width, pixels + left);
            new Span<float>(pixels + left + inner, (int)(rowLength - left - inner)).Clear();
        }
    }

    private void Fetch(float* row, int channels)
    {
        for (int i = 0; i < channels; i++, row += _image.ChannelStride)
            CacheLines.PrefetchFar(row, _image.Width);
    }

    private void TransformRow(float* pixels, nint rowLength, int tiles, int width, float* lines, float* result, nint stride)
    {
        int step = _plan.Size.TileSize * width;
        ColumnTransform<TTransform>.Apply<TIsa, TVector>(pixels, rowLength, ((tiles - 1) * step) + (_window.Size * width), lines, rowLength);
        if (width % TIsa.Width == 0)
            TransformLines<TIsa, TVector>(lines, rowLength, tiles, step, width, _plan.Size.Points, result, stride);
        else
            TransformLines<Isa128, Vector128<float>>(lines, rowLength, tiles, step, width, _plan.Size.Points, result, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformLines<TLanes, TLane>(float* lines, nint length, int tiles, int step, int width, int points, float* result, nint stride)
        where TLanes : struct, ISimd<TLane>
        where TLane : struct
    {
        for (int tile = 0; tile < tiles; tile++, lines += step, result += width)
        {
            for (int lane = 0; lane < width; lane += TLanes.Width)
            {
                float* from = lines + lane, to = result + lane;
                for (int i = 0; i < points; i++, from += length, to += points * stride)
                    TTransform.Apply<TLanes, TLane>(from, width, to, stride);
            }
        }
    }
}
