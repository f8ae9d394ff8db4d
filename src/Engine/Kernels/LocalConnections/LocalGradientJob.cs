using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.LocalConnections;

/// <summary>Place by place the gradient of its weights: a product over samples, each tile of which goes through all leaves. Members share out the places.</summary>
internal unsafe struct LocalGradientJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public ComputeCrew Crew;
    public ConvolutionShape Shape;
    public int* Bounds;
    public int Leaves;
    public float* Images;
    public float* Gradients;
    public float* Result;

    public readonly void Execute(int member, int members)
    {
        var bounds = new ReadOnlySpan<int>(Bounds, Leaves + 1);
        int samples = bounds[^1] - bounds[0], count = LeafSchedule.StepCount(bounds);
        long left = (long)samples * TileShape<TIsa, TVector>.PaddedRows(Shape.Filters), right = (long)samples * TileShape<TIsa, TVector>.Columns;
        long slots = (long)LeafSchedule.Slots(bounds) * TileShape<TIsa, TVector>.Size;
        float* scratch = Crew.MemberScratch(member, LeafSchedule.ScratchLength(count) + left + right + slots);
        var steps = (TileStep*)scratch;
        LeafSchedule.Fill(bounds, steps);
        scratch += LeafSchedule.ScratchLength(count);
        WorkRange places = WorkRange.Of(Shape.Positions, member, members);
        for (int place = (int)places.Start; place < places.End; place++)
        {
            PackGradients(place, samples, scratch);
            for (int column = 0; column < Shape.FilterLength; column += TileShape<TIsa, TVector>.Columns)
            {
                PackPixels(place, column, samples, scratch + left);
                MultiplyPanel(place, column, samples, steps, count, scratch, scratch + left, scratch + left + right);
            }
        }
    }

    private readonly void MultiplyPanel(int place, int column, int samples, TileStep* steps, int count, float* left, float* right, float* slots)
    {
        int lanes = Math.Min(TileShape<TIsa, TVector>.Columns, Shape.FilterLength - column), width = TileShape<TIsa, TVector>.WidthFor(lanes);
        nint stride = (nint)Shape.Positions * Shape.FilterLength;
        for (int row = 0; row < Shape.Filters; row += TileShape<TIsa, TVector>.Rows)
        {
            int height = TileShape<TIsa, TVector>.HeightFor(Shape.Filters - row);
            var tile = new OutputTile(Result + (row * stride) + ((nint)place * Shape.FilterLength) + column, stride, Math.Min(height, Shape.Filters - row), lanes);
            bool isWhole = tile.Fills(height, width);
            Tiles<TIsa, TVector>.Compute(height, width, steps, count, slots, left + ((nint)row * samples), right, isWhole ? tile.Whole() : OutputTile.Edge(slots, width));
            if (!isWhole)
                tile.CopyFrom(slots, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PackGradients(int place, int samples, float* panel)
    {
        nint length = (nint)Shape.Filters * Shape.Positions;
        for (int row = 0; row < Shape.Filters; row += TileShape<TIsa, TVector>.Rows)
        {
            int height = TileShape<TIsa, TVector>.HeightFor(Shape.Filters - row), rows = Math.Min(height, Shape.Filters - row);
            for (int sample = Bounds[0]; sample < Bounds[0] + samples; sample++, panel += height)
            {
                float* from = Gradients + (sample * length) + ((nint)row * Shape.Positions) + place;
                for (int filter = 0; filter < height; filter++, from += Shape.Positions)
                    panel[filter] = filter < rows ? *from : 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PackPixels(int place, int column, int samples, float* panel)
    {
        WindowAxis vertical = Shape.Vertical, horizontal = Shape.Horizontal;
        int lanes = Math.Min(TileShape<TIsa, TVector>.Columns, Shape.FilterLength - column), width = TileShape<TIsa, TVector>.WidthFor(lanes);
        int top = (place / horizontal.Output * vertical.Stride) - vertical.Padding, left = (place % horizontal.Output * horizontal.Stride) - horizontal.Padding;
        nint length = (nint)Shape.Channels * Shape.Pixels;
        for (int lane = 0; lane < width; lane++)
        {
            int k = column + lane;
            int y = top + (k % Shape.Taps / horizontal.Kernel), x = left + (k % horizontal.Kernel);
            bool isThere = lane < lanes && y >= 0 && x >= 0 && y < vertical.Input && x < horizontal.Input;
            float* from = Images + (Bounds[0] * length) + ((nint)(k / Shape.Taps) * Shape.Pixels) + ((nint)y * horizontal.Input) + x;
            for (int sample = 0; sample < samples; sample++)
                panel[((nint)sample * width) + lane] = isThere ? from[sample * length] : 0;
        }
    }
}
