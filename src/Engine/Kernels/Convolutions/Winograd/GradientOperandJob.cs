using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>Transforms a block's tiles of the images and of the features' gradients, and lays them out as the tiles of the products read them. Members share out panels of channels and filters.</summary>
internal unsafe struct GradientOperandJob<TIsa, TVector, TFiltering> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TFiltering : struct, IMinimalFiltering
{
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
        int width = TileShape<TIsa, TVector>.Columns, height = TileShape<TIsa, TVector>.Rows;
        var channels = new ChannelTiles<TIsa, TVector, WindowTransform<TFiltering>>(Plan, Plan.Source, Plan.Window, width, Tiles);
        var filters = new ChannelTiles<TIsa, TVector, PlaceTransform<TFiltering>>(Plan, Plan.Result, Plan.Tile, height, Tiles);
        float* scratch = Crew.MemberScratch(member, Math.Max(channels.MemoryLength, filters.MemoryLength));
        // Each kind is shared out by itself, for a filter costs less than a channel, whose tiles see more; and by tiles, for there may be fewer panels than members.
        WorkRange columns = WorkRange.Of((long)TileShape<TIsa, TVector>.ColumnPanels(Plan.Depth) * Tiles, member, members);
        for (long at = columns.Start; at < columns.End;)
        {
            (int panel, int tile) = ((int)(at / Tiles), (int)(at % Tiles));
            int count = (int)Math.Min(Tiles - tile, columns.End - at), first = panel * width, lanes = Math.Min(width, Plan.Depth - first), padded = TileShape<TIsa, TVector>.WidthFor(lanes);
            channels.Transform(Images, (Group * Plan.Depth) + first, lanes, padded, FirstTile + tile, count, scratch, Memory.Right(panel) + ((nint)tile * padded), GradientMemory.Stride(Tiles, padded));
            at += count;
        }
        WorkRange rows = WorkRange.Of((long)TileShape<TIsa, TVector>.RowPanels(Plan.Rows) * Tiles, member, members);
        for (long at = rows.Start; at < rows.End;)
        {
            (int panel, int tile) = ((int)(at / Tiles), (int)(at % Tiles));
            int count = (int)Math.Min(Tiles - tile, rows.End - at), first = panel * height, lanes = Math.Min(height, Plan.Rows - first), padded = TileShape<TIsa, TVector>.HeightFor(lanes);
            filters.Transform(Gradients, (Group * Plan.Rows) + first, lanes, padded, FirstTile + tile, count, scratch, Memory.Left(panel) + ((nint)tile * padded), GradientMemory.Stride(Tiles, padded));
            at += count;
        }
    }
}
