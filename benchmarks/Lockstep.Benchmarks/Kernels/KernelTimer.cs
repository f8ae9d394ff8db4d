using System.Diagnostics;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Kernels;

/// <summary>Times calls that are too short to be timed one by one: so many in a row that the clock's resolution does not count.</summary>
internal static class KernelTimer
{
    private static readonly TimeSpan Row = TimeSpan.FromMilliseconds(0.5);

    /// <summary>Milliseconds a call.</summary>
    public static Distribution Measure(Repetition repetition, Action call)
    {
        int row = 1;
        call();
        while (Time(row, call) < Row && row < 1 << 20)
            row *= 2;
        return Distribution.Of(repetition.Measure(() => Time(row, call).TotalMilliseconds / row));
    }

    private static TimeSpan Time(int row, Action call)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < row; i++)
            call();
        return Stopwatch.GetElapsedTime(start);
    }
}
