using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>F(4×4, 5×5) with 121 products instead of 400: along each axis the eleven products of <see cref="FiveTapsAxis{TIsa, TVector}"/>.</summary>
internal readonly unsafe struct FiveTaps : IMinimalFiltering
{
    private const int Points = 11;
    private const int Taps = 5;

    public static int TileSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filters<TIsa, TVector>(float* taps, bool isRotated, int lanes, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint line = (nint)Taps * lanes;
        (nint down, nint right) = isRotated ? (-line, -lanes) : (line, lanes);
        for (int lane = 0; lane < lanes; lane += TIsa.Width)
        {
            float* g = taps + lane;
            for (int column = 0; column < Taps; column++, g += lanes)
                FiveTapsAxis<TIsa, TVector>.Filters(isRotated ? g + ((Taps - 1) * line) : g, down, g, line);
            float* half = taps + lane, to = result + lane;
            for (int row = 0; row < Points; row++, half += line, to += Points * stride)
                FiveTapsAxis<TIsa, TVector>.Filters(isRotated ? half + ((Taps - 1) * lanes) : half, right, to, stride);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Window<TIsa, TVector>(float* d, nint step, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => FiveTapsAxis<TIsa, TVector>.Window(d, step, to, stride);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WindowOfTiles<TIsa, TVector>(float* line, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => FiveTapsAxis<TIsa, TVector>.WindowOfTiles(line, to, stride);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products<TIsa, TVector>(float* sums, nint stride, float bias, bool hasBias, int width, float* places)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector added = TIsa.Broadcast(bias);
        nint line = Points * stride;
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            float* m = sums + lane;
            for (int column = 0; column < Points; column++, m += stride)
                FiveTapsAxis<TIsa, TVector>.Products(m, line, added, false, m, line);
            float* half = sums + lane, to = places + lane;
            for (int row = 0; row < TileSize; row++, half += line, to += TileSize * (nint)width)
                FiveTapsAxis<TIsa, TVector>.Products(half, stride, added, hasBias, to, width);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Places<TIsa, TVector>(float* y, nint step, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => FiveTapsAxis<TIsa, TVector>.Places(y, step, to, stride);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients<TIsa, TVector>(float* sums, nint lanes, float* taps)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint line = Points * lanes;
        for (nint lane = 0; lane < lanes; lane += TIsa.Width)
        {
            float* m = sums + lane;
            for (int column = 0; column < Points; column++, m += lanes)
                FiveTapsAxis<TIsa, TVector>.Gradients(m, line, m, line);
            float* half = sums + lane, to = taps + lane;
            for (int row = 0; row < Taps; row++, half += line, to += Taps * lanes)
                FiveTapsAxis<TIsa, TVector>.Gradients(half, lanes, to, lanes);
        }
    }
}
