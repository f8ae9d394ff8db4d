using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lockstep.Engine.Threading;

/// <summary>What a thread that computes must be like.</summary>
public static partial class ComputeThread
{
    private const int ProcessPriority = 0;
    private const int CallingThread = 0;
    private const int ComputeNiceness = 10;
    private const int LoadingNiceness = 19;

    private const float SmallestNormal = 1.17549435e-38f;

    /// <summary>
    /// Checks that this thread keeps denormal numbers. A library loaded into the process may have switched its
    /// floating-point unit to flush them to zero, and then its sums would differ from everybody else's.
    /// </summary>
    /// <exception cref="InvalidOperationException">Denormal numbers are flushed to zero.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void RequireDenormals()
    {
        // Volatile, or else the compiler would do the sum itself.
        float number = SmallestNormal;
        float denormal = Volatile.Read(ref number) * 0.5f;
        if (denormal * 2f != SmallestNormal)
            throw new InvalidOperationException("This thread flushes denormal numbers to zero, so its results would differ from other machines'. Remove the library that switches the floating-point mode (a fast-math build does so when it is loaded).");
    }

    /// <summary>
    /// Lets threads that serve the network go before this one. On Linux a thread has its own niceness, which
    /// <see cref="Thread.Priority"/> does not set there; elsewhere that property does the same.
    /// </summary>
    public static void LowerPriority() => Lower(ThreadPriority.BelowNormal, ComputeNiceness);

    /// <summary>Lets threads that compute go before this one too: it works ahead of need, and those work on what is needed.</summary>
    public static void LowestPriority() => Lower(ThreadPriority.Lowest, LoadingNiceness);

    private static void Lower(ThreadPriority priority, int niceness)
    {
        if (!OperatingSystem.IsLinux())
            Thread.CurrentThread.Priority = priority;
        else if (SetPriority(ProcessPriority, CallingThread, niceness) != 0)
            throw new InvalidOperationException($"setpriority failed with error {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, int who, int priority);
}
