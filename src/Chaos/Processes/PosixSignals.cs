using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lockstep.Chaos.Processes;

/// <summary>The signals that stop and continue a process. Their numbers are each system's own.</summary>
internal static class PosixSignals
{
    /// <summary>Whether this system has them.</summary>
    public static bool AreThere => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <summary>SIGSTOP.</summary>
    public static int Stop => OperatingSystem.IsMacOS() ? 17 : 19;

    /// <summary>SIGCONT.</summary>
    public static int Continue => OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Sends one.</summary>
    /// <exception cref="Win32Exception">There is no such process, or it is somebody else's.</exception>
    public static void Send(int process, int signal)
    {
        if (SystemKill(process, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"signal {signal} could not be sent to process {process}");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SystemKill(int process, int signal);
}
