using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The tile that fills a width's registers: 12×32 with 512-bit vectors, 4×24 with 256, 8×12 with 128. Rows come in
/// fours, so that one transposing pack serves all.
/// </summary>
internal static class TileShape<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public const int RowGrain = 4;

    /// <summary>Rows of a full tile.</summary>
    public static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TIsa.Width == 16 ? 12 : TIsa.Width == 4 ? 8 : 4;
    }

    /// <summary>Vectors in a row of a full tile.</summary>
    public static int Vectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TIsa.Width == 16 ? 2 : 3;
    }

    /// <summary>Columns of a full tile.</summary>
    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vectors * TIsa.Width;
    }

    /// <summary>Whether a full tile is a <see cref="FourByThree{TIsa, TVector}"/>.</summary>
    public static bool IsFourByThree
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Rows == FourByThree<TIsa, TVector>.Height && Columns == FourByThree<TIsa, TVector>.Width;
    }

    /// <summary>Numbers in a full tile.</summary>
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Rows * Columns;
    }

    /// <summary>The height of a tile that starts with so many rows left: a multiple of four.</summary>
    public static int HeightFor(int rowsLeft) => Math.Min(Rows, (rowsLeft + RowGrain - 1) / RowGrain * RowGrain);

    /// <summary>The width of a tile that starts with so many columns left: whole vectors.</summary>
    public static int WidthFor(int columnsLeft) => Math.Min(Columns, (columnsLeft + TIsa.Width - 1) / TIsa.Width * TIsa.Width);

    public static int RowPanels(int m) => (m + Rows - 1) / Rows;

    public static int ColumnPanels(int n) => (n + Columns - 1) / Columns;

    /// <summary>m rounded up to what its panels hold.</summary>
    public static int PaddedRows(int m) => (m + RowGrain - 1) / RowGrain * RowGrain;

    /// <summary>n rounded up to what its panels hold.</summary>
    public static int PaddedColumns(int n) => (n + TIsa.Width - 1) / TIsa.Width * TIsa.Width;
}
