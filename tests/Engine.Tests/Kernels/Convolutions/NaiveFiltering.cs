using System.Globalization;

namespace Lockstep.Engine.Tests.Kernels.Convolutions;

/// <summary>The transforms of a minimal filtering along one axis, each number as a sum written down in the order in which it is added.</summary>
internal sealed class NaiveFiltering
{
    /// <summary>F(2, 3) of Lavin and Gray (2016).</summary>
    public static NaiveFiltering Three { get; } = new()
    {
        Taps = 3,
        Tile = 2,
        BlockChannels = 512,
        BlockTiles = 128,
        Window = d => [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]],
        Filter = g => [g[0], 0.5f * (g[0] + g[2] + g[1]), 0.5f * (g[0] + g[2] - g[1]), g[2]],
        Products = m => [m[0] + m[1] + m[2], m[1] - m[2] - m[3]],
        Places = y => [y[0], y[0] + y[1], y[0] - y[1], 0 - y[1]],
        Filters = m => [m[0] + (0.5f * (m[1] + m[2])), 0.5f * (m[1] - m[2]), (0.5f * (m[1] + m[2])) + m[3]],
    };

    /// <summary>Four places of five taps: F(2, 2) at 1, −1 and ∞ of even and odd places, with F(2, 3) twice and F(2, 2) once inside it.</summary>
    public static NaiveFiltering Five { get; } = new()
    {
        Taps = 5,
        Tile = 4,
        BlockChannels = 64,
        BlockTiles = 64,
        Window = d =>
        [
            .. Three.Window([d[0] + d[1], d[2] + d[3], d[4] + d[5], d[6] + d[7]]),
            .. Three.Window([d[0] - d[1], d[2] - d[3], d[4] - d[5], d[6] - d[7]]),
            d[4] - d[0], d[2] - d[0] - (d[4] - d[2]), d[6] - d[4] - (d[2] - d[0]),
        ],
        Filter = g =>
        [
            .. Three.Filter([0.5f * (g[0] + g[1]), 0.5f * (g[2] + g[3]), 0.5f * g[4]]),
            .. Three.Filter([0.5f * (g[0] - g[1]), 0.5f * (g[2] - g[3]), 0.5f * g[4]]),
            0.5f * (g[1] + g[3]), 0.5f * (g[1] - g[3]), g[3],
        ],
        Products = m =>
        {
            float[] p = Three.Products(m[..4]), q = Three.Products(m[4..8]);
            return [p[0] + q[0], p[0] - q[0] + (m[8] + m[9]), p[1] + q[1], p[1] - q[1] + (m[8] - m[9] + m[10])];
        },
        Places = y => [.. Three.Places([y[0] + y[1], y[2] + y[3]]), .. Three.Places([y[0] - y[1], y[2] - y[3]]), y[1] + y[3], y[1] - y[3], y[3]],
        Filters = m =>
        {
            float[] p = Three.Filters(m[..4]), q = Three.Filters(m[4..8]);
            return
            [
                0.5f * (p[0] + q[0]), (0.5f * (p[0] - q[0])) + (0.5f * (m[8] + m[9])), 0.5f * (p[1] + q[1]), (0.5f * (p[1] - q[1])) + ((0.5f * (m[8] - m[9])) + m[10]), 0.5f * (p[2] + q[2]),
            ];
        },
    };

    public static NaiveFiltering Of(int taps) => taps switch
    {
        3 => Three,
        5 => Five,
        _ => throw new ArgumentOutOfRangeException(nameof(taps), taps.ToString(CultureInfo.InvariantCulture)),
    };

    public required int Taps { get; init; }

    /// <summary>Places of a tile.</summary>
    public required int Tile { get; init; }

    /// <summary>k of a block of the sums over channels.</summary>
    public required int BlockChannels { get; init; }

    /// <summary>k of a block of the filters' gradient.</summary>
    public required int BlockTiles { get; init; }

    /// <summary>Bᵀ·d.</summary>
    public required Func<float[], float[]> Window { get; init; }

    /// <summary>G·g.</summary>
    public required Func<float[], float[]> Filter { get; init; }

    /// <summary>Aᵀ·m.</summary>
    public required Func<float[], float[]> Products { get; init; }

    /// <summary>A·y.</summary>
    public required Func<float[], float[]> Places { get; init; }

    /// <summary>Gᵀ·m.</summary>
    public required Func<float[], float[]> Filters { get; init; }

    /// <summary>A transform of all columns, and then of all rows of what they became.</summary>
    public static float[,] Both(Func<float[], float[]> transform, int size, Func<int, int, float> at)
    {
        float[][] columns = [.. Enumerable.Range(0, size).Select(j => transform([.. Enumerable.Range(0, size).Select(i => at(i, j))]))];
        float[][] rows = [.. Enumerable.Range(0, columns[0].Length).Select(i => transform([.. columns.Select(column => column[i])]))];
        float[,] result = new float[rows.Length, rows.Length];
        for (int i = 0; i < rows.Length; i++)
            for (int j = 0; j < rows.Length; j++)
                result[i, j] = rows[i][j];
        return result;
    }
}
