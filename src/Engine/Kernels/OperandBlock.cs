using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Where an operand's numbers are read from and how it is cut into panels: rows of the left operand, or columns of the
/// right one, are its lanes.
/// </summary>
internal readonly unsafe struct OperandBlock<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly float* _origin;
    private readonly nint _stride;
    private readonly bool _left;

    private OperandBlock(float* origin, nint stride, bool lanesAdjacent, bool left, int lanes, int depth)
    {
        _origin = origin;
        _stride = stride;
        LanesAdjacent = lanesAdjacent;
        _left = left;
        Lanes = lanes;
        Depth = depth;
    }

    /// <summary>Rows [0, m) and columns [k, k + depth) of A.</summary>
    public static OperandBlock<TIsa, TVector> Left(MatrixOperand a, int m, long k, int depth) =>
        new(a.At(0, k), a.Stride, a.Transposed, true, m, depth);

    /// <summary>Rows [k, k + depth) and columns [column, column + n) of B.</summary>
    public static OperandBlock<TIsa, TVector> Right(MatrixOperand b, long column, int n, long k, int depth) =>
        new(b.At(k, column), b.Stride, !b.Transposed, false, n, depth);

    /// <summary>Of all lanes the numbers [k, k + depth), counted from this block's first.</summary>
    public OperandBlock<TIsa, TVector> Part(int k, int depth) => new(LanesAdjacent ? _origin + (k * _stride) : _origin + k, _stride, LanesAdjacent, _left, Lanes, depth);

    public int Lanes { get; }

    public int Depth { get; }

    public bool LanesAdjacent { get; }

    public int Panels => _left ? TileShape<TIsa, TVector>.RowPanels(Lanes) : TileShape<TIsa, TVector>.ColumnPanels(Lanes);

    /// <summary>Numbers in all panels.</summary>
    public long PackedLength => (long)Depth * (_left ? TileShape<TIsa, TVector>.PaddedRows(Lanes) : TileShape<TIsa, TVector>.PaddedColumns(Lanes));

    /// <summary>Where a panel starts among all.</summary>
    public nint PanelOffset(int panel) => (nint)panel * Grain * Depth;

    /// <summary>Lanes of a panel, those that only pad it included.</summary>
    public int PanelWidth(int panel) => _left
        ? TileShape<TIsa, TVector>.HeightFor(Lanes - (panel * Grain))
        : TileShape<TIsa, TVector>.WidthFor(Lanes - (panel * Grain));

    /// <summary>Lanes of a panel that exist.</summary>
    public int PanelLanes(int panel) => Math.Min(Grain, Lanes - (panel * Grain));

    /// <summary>The first number of a panel where the operand itself lies.</summary>
    private float* PanelSource(int panel) => LanesAdjacent ? _origin + ((nint)panel * Grain) : _origin + ((nint)panel * Grain * _stride);

    public void PackPanel(int panel, float* destination) =>
        PanelPacking.Pack(PanelSource(panel), _stride, LanesAdjacent, PanelLanes(panel), PanelWidth(panel), Depth, destination);

    /// <summary>Packs panels [first, last).</summary>
    /// <param name="first">The first panel.</param>
    /// <param name="last">After the last one.</param>
    /// <param name="packed">Where panel 0 goes.</param>
    public void PackPanels(int first, int last, float* packed)
    {
        int whole = first;
        if (LanesAdjacent && PanelPacking.PacksTogether(Grain))
        {
            whole = Math.Max(first, Math.Min(last, Lanes / Grain));
            PanelPacking.PackAdjacent(PanelSource(first), _stride, Grain, whole - first, Depth, packed + PanelOffset(first));
        }
        for (int panel = whole; panel < last; panel++)
            PackPanel(panel, packed + PanelOffset(panel));
    }

    private int Grain => _left ? TileShape<TIsa, TVector>.Rows : TileShape<TIsa, TVector>.Columns;
}
