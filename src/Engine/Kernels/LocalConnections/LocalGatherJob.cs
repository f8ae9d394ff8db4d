using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.LocalConnections;

/// <summary>
/// Place by place (or pixel by pixel, backward) the product of its weights with what they see: rows are filters (or channels), columns are
/// samples. Members share out the places.
/// </summary>
internal unsafe struct LocalGatherJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public ComputeCrew Crew;
    public ConvolutionShape Shape;
    public int Lanes;
    public bool IsBackward;
    public float* Weights;
    public float* Source;
    public float* Result;

    private readonly int Rows => IsBackward ? Shape.Channels : Shape.Filters;

    private readonly int Places => IsBackward ? Shape.Pixels : Shape.Positions;

    public readonly void Execute(int member, int members)
    {
        int longest = IsBackward ? Shape.Filters * Shape.Taps : Shape.FilterLength;
        long packed = (long)MatrixProduct.BlockLength * TileShape<TIsa, TVector>.PaddedRows(Rows);
        float* scratch = Crew.MemberScratch(member, packed + (2L * longest));
        var sources = (int*)(scratch + packed);
        int* weights = sources + longest;
        WorkRange places = WorkRange.Of(Places, member, members);
        for (int place = (int)places.Start; place < places.End; place++)
        {
            int depth = IsBackward ? SeenFrom(place, sources, weights) : Sees(place, sources, weights);
            float* first = IsBackward ? Weights : Weights + ((nint)place * Shape.FilterLength);
            nint weightStride = IsBackward ? Shape.Taps : (nint)Shape.Positions * Shape.FilterLength;
            Multiply(depth, first, weightStride, sources, weights, Result + ((nint)place * Lanes), scratch);
        }
    }

    /// <summary>What a place sees, in the order (channel, kh, kw): rows of the source, and weights counted from the place's first.</summary>
    private readonly int Sees(int place, int* sources, int* weights)
    {
        WindowAxis vertical = Shape.Vertical, horizontal = Shape.Horizontal;
        int top = (place / horizontal.Output * vertical.Stride) - vertical.Padding, left = (place % horizontal.Output * horizontal.Stride) - horizontal.Padding;
        int k = 0;
        for (int channel = 0; channel < Shape.Channels; channel++)
        {
            for (int y = top; y < top + vertical.Kernel; y++)
            {
                for (int x = left; x < left + horizontal.Kernel; x++, k++)
                {
                    bool isThere = y >= 0 && x >= 0 && y < vertical.Input && x < horizontal.Input;
                    // The row after the last is +0.
                    sources[k] = checked((isThere ? (channel * Shape.Pixels) + (y * horizontal.Input) + x : Shape.Channels * Shape.Pixels) * Lanes);
                    weights[k] = k;
                }
            }
        }
        return k;
    }

    /// <summary>The places that see a pixel, in the order (filter, kh, kw): rows of the source, and weights counted from the first of all.</summary>
    private readonly int SeenFrom(int pixel, int* sources, int* weights)
    {
        WindowAxis vertical = Shape.Vertical, horizontal = Shape.Horizontal;
        int row = (pixel / horizontal.Input) + vertical.Padding, column = (pixel % horizontal.Input) + horizontal.Padding;
        int k = 0;
        for (int filter = 0; filter < Shape.Filters; filter++)
        {
            for (int v = 0; v < vertical.Kernel; v++)
            {
                for (int u = 0; u < horizontal.Kernel; u++)
                {
                    (int y, int x) = (row - v, column - u);
                    if (y < 0 || x < 0 || y % vertical.Stride != 0 || x % horizontal.Stride != 0 || y / vertical.Stride >= vertical.Output || x / horizontal.Stride >= horizontal.Output)
                        continue;
                    int place = (filter * Shape.Positions) + (y / vertical.Stride * horizontal.Output) + (x / horizontal.Stride);
                    sources[k] = checked(place * Lanes);
                    weights[k] = checked((place * Shape.FilterLength) + (v * horizontal.Kernel) + u);
                    k++;
                }
            }
        }
        return k;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(int k, float* first, nint weightStride, int* sources, int* weights, float* result, float* packed)
    {
        float* edge = stackalloc float[TileShape<TIsa, TVector>.Size];
        float** lanes = stackalloc float*[3];
        nint stride = (nint)Places * Lanes;
        // With no k at all one empty block still writes zeros.
        for (int start = 0; start == 0 || start < k; start += MatrixProduct.BlockLength)
        {
            int depth = Math.Min(MatrixProduct.BlockLength, k - start);
            for (int row = 0; row < Rows; row += TileShape<TIsa, TVector>.Rows)
            {
                int height = TileShape<TIsa, TVector>.HeightFor(Rows - row), rows = Math.Min(height, Rows - row);
                FilterPacking<TIsa, TVector>.Pack(first + (row * weightStride), weightStride, weights + start, rows, height, depth, packed);
                for (int lane = 0; lane < Lanes; lane += TileShape<TIsa, TVector>.Columns)
                {
                    int width = TileShape<TIsa, TVector>.WidthFor(Lanes - lane);
                    for (int vector = 0; vector < 3; vector++)
                        lanes[vector] = Source + lane + (vector * TIsa.Width);
                    var tile = new OutputTile(result + (row * stride) + lane, stride, rows, width);
                    bool isWhole = tile.Fills(height, width);
                    TileTarget target = isWhole ? tile.Whole() : OutputTile.Edge(edge, width);
                    target.Continues = start > 0;
                    if (!isWhole && target.Continues)
                        tile.CopyTo(edge, width);
                    GatherTiles<TIsa, TVector>.Compute(height, width, depth, packed, sources + start, lanes, target);
                    if (!isWhole)
                        tile.CopyFrom(edge, width);
                }
            }
        }
    }
}
