using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The rows of a few panels of an output that is too large for any cache to hold until it is read: computed in the first-level cache, then stored past the caches, whole lines at
/// a time. An ordinary store would first fetch the line that it overwrites.
/// </summary>
internal static unsafe class StreamedStrip
{
    /// <summary>Numbers from one row of a strip to the next: whole panels at every vector width, and whole cache lines.</summary>
    public const int Width = 96;

    /// <summary>Outputs of so many bytes and more are stored so.</summary>
    public const long SmallestOutput = 8L << 20;

    /// <summary>Panels of a strip.</summary>
    public static int Panels<TIsa, TVector>()
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => Width / TileShape<TIsa, TVector>.Columns;

    /// <summary>Whether an output is large enough, and every row of it whole cache lines.</summary>
    public static bool Suits(float* output, nint stride, int rows, int columns) =>
        (long)rows * columns * sizeof(float) >= SmallestOutput
        && (nint)output % (CacheLines.Numbers * sizeof(float)) == 0 && stride % CacheLines.Numbers == 0 && columns % CacheLines.Numbers == 0;

    /// <summary>Stores a strip.</summary>
    /// <param name="strip">Its first number.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns that exist.</param>
    /// <param name="output">Where the first number goes, at an address of a whole vector.</param>
    /// <param name="stride">From one row of the output to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(float* strip, int rows, int columns, float* output, nint stride)
    {
        for (; rows > 0; rows--, strip += Width, output += stride)
        {
            for (int i = 0; i < columns; i += Vector256<float>.Count)
                Vector256.StoreAlignedNonTemporal(Vector256.Load(strip + i), output + i);
        }
    }

    /// <summary>Stores past the caches keep no order with later ones: after this, whoever is told of the output finds it.</summary>
    public static void Settle() => Thread.MemoryBarrier();
}
