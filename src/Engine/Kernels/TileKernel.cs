using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The innermost loop: a tile of the output, kept in registers, runs along k. A row of the left panel is broadcast
/// number by number, a row of the right panel is loaded as vectors.
/// </summary>
internal static unsafe class TileKernel<TIsa, TVector, TRow>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
{
    /// <summary>4 rows.</summary>
    /// <param name="depth">k.</param>
    /// <param name="a">Element (row, k) at a[k·aStride + row].</param>
    /// <param name="aStride">From one k to the next in a.</param>
    /// <param name="b">Row k at b + k·bStride.</param>
    /// <param name="bStride">From one k to the next in b.</param>
    /// <param name="target">What becomes of the sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(nint depth, float* a, nint aStride, float* b, nint bStride, in TileTarget target)
    {
        Row4<TIsa, TVector, TRow> top = default;
        for (nint k = 0; k < depth; k++, a += aStride, b += bStride)
        {
            TRow row = TRow.Load(b);
            top.MultiplyAdd(a, row);
        }
        if (target.Previous is not null)
            top.AddTo(target.Previous, target.PreviousStride);
        float* stacked = target.Stack;
        for (int level = 0; level < target.StackedTiles; level++, stacked += target.StackedTileSize)
            top.AddTo(stacked, target.StackStride);
        if (target.Bias is not null)
            top.AddTo(target.Bias, 0);
        top.Store(target.Destination, target.DestinationStride);
    }

    /// <summary>8 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows8(nint depth, float* a, nint aStride, float* b, nint bStride, in TileTarget target)
    {
        Row4<TIsa, TVector, TRow> top = default;
        Row4<TIsa, TVector, TRow> bottom = default;
        for (nint k = 0; k < depth; k++, a += aStride, b += bStride)
        {
            TRow row = TRow.Load(b);
            top.MultiplyAdd(a, row);
            bottom.MultiplyAdd(a + 4, row);
        }
        nint previousStride = target.PreviousStride;
        if (target.Previous is not null)
        {
            top.AddTo(target.Previous, previousStride);
            bottom.AddTo(target.Previous + (4 * previousStride), previousStride);
        }
        float* stacked = target.Stack;
        nint stackStride = target.StackStride;
        for (int level = 0; level < target.StackedTiles; level++, stacked += target.StackedTileSize)
        {
            top.AddTo(stacked, stackStride);
            bottom.AddTo(stacked + (4 * stackStride), stackStride);
        }
        if (target.Bias is not null)
        {
            top.AddTo(target.Bias, 0);
            bottom.AddTo(target.Bias, 0);
        }
        nint stride = target.DestinationStride;
        top.Store(target.Destination, stride);
        bottom.Store(target.Destination + (4 * stride), stride);
    }

    /// <summary>12 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows12(nint depth, float* a, nint aStride, float* b, nint bStride, in TileTarget target)
    {
        Row4<TIsa, TVector, TRow> top = default;
        Row4<TIsa, TVector, TRow> middle = default;
        Row4<TIsa, TVector, TRow> bottom = default;
        for (nint k = 0; k < depth; k++, a += aStride, b += bStride)
        {
            TRow row = TRow.Load(b);
            top.MultiplyAdd(a, row);
            middle.MultiplyAdd(a + 4, row);
            bottom.MultiplyAdd(a + 8, row);
        }
        nint previousStride = target.PreviousStride;
        if (target.Previous is not null)
        {
            top.AddTo(target.Previous, previousStride);
            middle.AddTo(target.Previous + (4 * previousStride), previousStride);
            bottom.AddTo(target.Previous + (8 * previousStride), previousStride);
        }
        float* stacked = target.Stack;
        nint stackStride = target.StackStride;
        for (int level = 0; level < target.StackedTiles; level++, stacked += target.StackedTileSize)
        {
            top.AddTo(stacked, stackStride);
            middle.AddTo(stacked + (4 * stackStride), stackStride);
            bottom.AddTo(stacked + (8 * stackStride), stackStride);
        }
        if (target.Bias is not null)
        {
            top.AddTo(target.Bias, 0);
            middle.AddTo(target.Bias, 0);
            bottom.AddTo(target.Bias, 0);
        }
        nint stride = target.DestinationStride;
        top.Store(target.Destination, stride);
        middle.Store(target.Destination + (4 * stride), stride);
        bottom.Store(target.Destination + (8 * stride), stride);
    }
}
