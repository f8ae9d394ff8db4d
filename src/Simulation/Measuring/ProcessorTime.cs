using System.Runtime.InteropServices;

namespace Lockstep.Simulation.Measuring;

/// <summary>
/// A clock that runs while the calling thread does: what a thread computes takes the same time by it however busy the machine is. Timestamps of different threads have nothing to do
/// with each other.
/// </summary>
internal sealed partial class ProcessorTime : TimeProvider
{
    private const int ThreadClock = 3;
    private const long NanosecondsASecond = 1_000_000_000;

    private ProcessorTime()
    {
    }

    public override long TimestampFrequency => NanosecondsASecond;

    /// <summary>The clock of whichever thread asks, where the system has one (Linux); elsewhere another one must do.</summary>
    public static TimeProvider Or(TimeProvider other) => OperatingSystem.IsLinux() && Environment.Is64BitProcess ? new ProcessorTime() : other;

    public override long GetTimestamp() =>
        GetTime(ThreadClock, out TimeSpec time) == 0
            ? (time.Seconds * NanosecondsASecond) + time.Nanoseconds
            : throw new InvalidOperationException($"clock_gettime failed with error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
