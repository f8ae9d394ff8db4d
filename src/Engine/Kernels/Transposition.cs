using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Engine.Kernels;

/// <summary>Transposing moves numbers and computes nothing, so each processor may use its own instructions.</summary>
internal static unsafe class Transposition
{
    /// <summary>destination[j·destinationStride + i] = source[i·sourceStride + j] for i, j in 0 … 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose4(float* source, nint sourceStride, float* destination, nint destinationStride) =>
        Transpose4(source, source + sourceStride, source + (2 * sourceStride), source + (3 * sourceStride), destination, destinationStride);

    /// <summary>destination[j·destinationStride + i] = rowᵢ[j] for i, j in 0 … 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose4(float* row0, float* row1, float* row2, float* row3, float* destination, nint destinationStride)
    {
        if (!Sse.IsSupported && !AdvSimd.Arm64.IsSupported)
        {
            Portable(row0, destination, destinationStride);
            Portable(row1, destination + 1, destinationStride);
            Portable(row2, destination + 2, destinationStride);
            Portable(row3, destination + 3, destinationStride);
            return;
        }
        Vector128<float> r0 = Vector128.Load(row0);
        Vector128<float> r1 = Vector128.Load(row1);
        Vector128<float> r2 = Vector128.Load(row2);
        Vector128<float> r3 = Vector128.Load(row3);
        // Interleaving rows 0 with 2 and 1 with 3, and then the results, moves every number to its place.
        Vector128<float> low02 = InterleaveLow(r0, r2);
        Vector128<float> high02 = InterleaveHigh(r0, r2);
        Vector128<float> low13 = InterleaveLow(r1, r3);
        Vector128<float> high13 = InterleaveHigh(r1, r3);
        InterleaveLow(low02, low13).Store(destination);
        InterleaveHigh(low02, low13).Store(destination + destinationStride);
        InterleaveLow(high02, high13).Store(destination + (2 * destinationStride));
        InterleaveHigh(high02, high13).Store(destination + (3 * destinationStride));
    }

    /// <summary>destination[j·destinationStride + i] = source[i·sourceStride + j] for i in 0 … 7, j in 0 … 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose8(float* source, nint sourceStride, float* destination, nint destinationStride)
    {
        float* lower = source + (4 * sourceStride);
        if (!Avx.IsSupported)
        {
            Transpose4(source, sourceStride, destination, destinationStride);
            Transpose4(lower, sourceStride, destination + 4, destinationStride);
            return;
        }
        // Four rows and the four below them in the halves of four vectors, and each half as above.
        Vector256<float> r0 = Halves(source, lower);
        Vector256<float> r1 = Halves(source + sourceStride, lower + sourceStride);
        Vector256<float> r2 = Halves(source + (2 * sourceStride), lower + (2 * sourceStride));
        Vector256<float> r3 = Halves(source + (3 * sourceStride), lower + (3 * sourceStride));
        Vector256<float> low02 = Avx.UnpackLow(r0, r2);
        Vector256<float> high02 = Avx.UnpackHigh(r0, r2);
        Vector256<float> low13 = Avx.UnpackLow(r1, r3);
        Vector256<float> high13 = Avx.UnpackHigh(r1, r3);
        Avx.UnpackLow(low02, low13).Store(destination);
        Avx.UnpackHigh(low02, low13).Store(destination + destinationStride);
        Avx.UnpackLow(high02, high13).Store(destination + (2 * destinationStride));
        Avx.UnpackHigh(high02, high13).Store(destination + (3 * destinationStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* upper, float* lower) => Vector256.Create(Vector128.Load(upper), Vector128.Load(lower));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> InterleaveLow(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> InterleaveHigh(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);

    private static void Portable(float* row, float* destination, nint destinationStride)
    {
        for (nint j = 0; j < 4; j++)
            destination[j * destinationStride] = row[j];
    }
}
