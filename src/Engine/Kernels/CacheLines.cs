using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Engine.Kernels;

/// <summary>Asks for memory ahead of its use, where the hardware would not look ahead by itself: rows that lie on pages of their own.</summary>
internal static unsafe class CacheLines
{
    /// <summary>Numbers in a line.</summary>
    public const int Numbers = 16;

    /// <summary>Fetches the lines of so many numbers; does nothing on processors for which .NET has no instruction for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from, int numbers)
    {
        if (!Sse.IsSupported)
            return;
        for (int first = 0; first < numbers; first += Numbers)
            Sse.Prefetch0(from + first);
        // Where the first number is not a line's first.
        Sse.Prefetch0(from + numbers - 1);
    }

    /// <summary>Fetches a line and the one behind it as far as the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchTwoAhead(float* from)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch1(from);
        Sse.Prefetch1(from + Numbers);
    }

    /// <summary>Fetches the lines of so many numbers, the first of which is a line's first, as far as the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchFar(float* from, int numbers)
    {
        if (!Sse.IsSupported)
            return;
        for (int first = 0; first < numbers; first += Numbers)
            Sse.Prefetch1(from + first);
    }

    /// <summary>Fetches the line of each row's first number as far as the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchRows(float* from, nint stride, int rows)
    {
        if (!Sse.IsSupported)
            return;
        for (int row = 0; row < rows; row++)
            Sse.Prefetch1(from + (row * stride));
    }
}
