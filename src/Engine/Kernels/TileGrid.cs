using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// How an output's tiles are shared out: a grid of parts, chosen so that the largest part is smallest. Only outputs are
/// split, never k, so the split changes no bit.
/// </summary>
internal readonly record struct TileGrid(int RowPanels, int ColumnPanels, int RowParts, int ColumnParts)
{
    public static TileGrid Of(int rowPanels, int columnPanels, int members)
    {
        var best = new TileGrid(rowPanels, columnPanels, 1, 1);
        for (int rowParts = 1; rowParts <= Math.Min(members, rowPanels); rowParts++)
        {
            var grid = new TileGrid(rowPanels, columnPanels, rowParts, Math.Clamp(members / rowParts, 1, Math.Max(1, columnPanels)));
            if (grid.LargestPart < best.LargestPart)
                best = grid;
        }
        return best;
    }

    /// <summary>
    /// The same by columns alone where the parts then differ by little: no panel of the right operand is used by two members, so each packs its own just before use.
    /// </summary>
    public static TileGrid PreferringColumns(int rowPanels, int columnPanels, int members) =>
        columnPanels >= members * PanelsForOneWay ? new TileGrid(rowPanels, columnPanels, 1, members) : Of(rowPanels, columnPanels, members);

    /// <summary>The same by rows alone: no panel of the left operand is used by two members, so each packs its own just before use.</summary>
    public static TileGrid PreferringRows(int rowPanels, int columnPanels, int members) =>
        rowPanels >= members * PanelsForOneWay ? new TileGrid(rowPanels, columnPanels, members, 1) : Of(rowPanels, columnPanels, members);

    // With so many panels each the member with one more has an eighth more work at most.
    private const int PanelsForOneWay = 8;

    private long LargestPart => (long)Ceiling(RowPanels, RowParts) * Ceiling(ColumnPanels, ColumnParts);

    /// <summary>The panels of one member; none for a member that the grid has no part for.</summary>
    /// <param name="member">Its number.</param>
    /// <param name="columnGrain">Column panels that are not parted.</param>
    public (WorkRange Rows, WorkRange Columns) PartOf(int member, int columnGrain = 1) => member >= RowParts * ColumnParts
        ? default
        : (WorkRange.Of(RowPanels, member / ColumnParts, RowParts), WorkRange.Of(ColumnPanels, member % ColumnParts, ColumnParts, columnGrain));

    private static int Ceiling(int count, int parts) => (count + parts - 1) / parts;
}
