using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>Transforms a block's tiles of the images and of the features' gradients, and lays them out as the tiles of the products read them. Members share out panels of channels and filters.</summary>
internal unsafe struct GradientOperandJob<TIsa, TVector, TFiltering> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TFiltering : struct, IMinimalFiltering
{
    private const int Strip = 32;

    public ComputeCrew Crew;
    public WinogradPlan Plan;
    public GradientMemory Memory;
    public int Group;
    public long FirstTile;
    public int Tiles;
    public float* Images;
    public float* Gradients;

    public readonly void Execute(int member, int members)
    {
        int rowPanels = TileShape<TIsa, TVector>.RowPanels(Plan.Rows), columnPanels = TileShape<TIsa, TVector>.ColumnPanels(Plan.Depth);
        int most = Math.Max(TileShape<TIsa, TVector>.Rows, TileShape<TIsa, TVector>.Columns);
        FilteringSize size = Plan.Size;
        nint transformedSize = (nint)size.Products * Strip, windowsSize = (nint)size.Points * size.WindowSize * Strip;
        float* transformed = Crew.MemberScratch(member, (most * transformedSize) + windowsSize + (size.TileSize * Strip) + size.Taps - 1);
        float* windows = transformed + (most * transformedSize), line = windows + windowsSize;
        // Each kind is shared out by itself: a filter costs less than a channel, whose tiles see more.
        WorkRange columns = WorkRange.Of(columnPanels, member, members), rows = WorkRange.Of(rowPanels, member, members);
        TileRun* runs = stackalloc TileRun[Strip];
        for (int first = 0; first < Tiles; first += Strip)
        {
            int lanes = Math.Min(Strip, Tiles - first), vectors = (lanes + TIsa.Width - 1) / TIsa.Width * TIsa.Width;
            var found = new ReadOnlySpan<TileRun>(runs, Plan.FindRuns(FirstTile + first, lanes, runs));
            for (int j = (int)columns.Start; j < columns.End; j++)
            {
                int channel = j * TileShape<TIsa, TVector>.Columns;
                int count = Math.Min(TileShape<TIsa, TVector>.Columns, Plan.Depth - channel), width = TileShape<TIsa, TVector>.WidthFor(count);
                for (int i = 0; i < count; i++)
                {
                    TileWindows.Read<TFiltering>(Plan.Source, Plan.Window, Images, (Group * Plan.Depth) + channel + i, found, windows, vectors, line);
                    TFiltering.Windows<TIsa, TVector>(windows, vectors, transformed + (i * transformedSize), Strip);
                }
                Pack(transformed, count, width, lanes, Memory.Right(j) + ((nint)first * width), (nint)Tiles * width);
            }
            for (int j = (int)rows.Start; j < rows.End; j++)
            {
                int filter = j * TileShape<TIsa, TVector>.Rows;
                int height = TileShape<TIsa, TVector>.HeightFor(Plan.Rows - filter), count = Math.Min(height, Plan.Rows - filter);
                for (int i = 0; i < count; i++)
                {
                    TileWindows.Read<TFiltering>(Plan.Result, Plan.Tile, Gradients, (Group * Plan.Rows) + filter + i, found, windows, vectors, line);
                    TFiltering.Places<TIsa, TVector>(windows, vectors, transformed + (i * transformedSize), Strip);
                }
                Pack(transformed, count, height, lanes, Memory.Left(j) + ((nint)first * height), (nint)Tiles * height);
            }
        }
    }

    private readonly void Pack(float* transformed, int lanes, int width, int depth, float* panel, nint stride)
    {
        for (int i = 0; i < Plan.Size.Products; i++)
            PanelPacking.Pack(transformed + (i * Strip), Plan.Size.Products * Strip, lanesAdjacent: false, lanes, width, depth, panel + (i * stride));
    }
}
