using System.Globalization;

namespace Lockstep.Launch;

/// <summary>What the end of a worker process means for its place in the cluster.</summary>
public enum ProcessEndKind
{
    /// <summary>It finished, or left on request: exit code 0.</summary>
    Left = 0,

    /// <summary>It was told that it does not fit the run (exit code 2): another start would be told the same.</summary>
    Refused = 1,

    /// <summary>Anything else: a signal, an exception, a lost coordinator.</summary>
    Crashed = 2,
}

/// <summary>How a worker process ended.</summary>
/// <param name="Kind">What follows from it.</param>
/// <param name="ExitCode">As the system reports it; 128 + n where signal n ended it.</param>
/// <param name="Meaning">The same in words.</param>
public sealed record ProcessEnd(ProcessEndKind Kind, int ExitCode, string Meaning)
{
    private const int SignalBase = 128;
    private const int Kill = SignalBase + 9;

    /// <summary>Reads an exit code.</summary>
    /// <param name="exitCode">As the system reports it.</param>
    /// <param name="memoryRanOut">Whether the kernel has ended a process for want of memory meanwhile, as <see cref="MemoryKills"/> counts.</param>
    public static ProcessEnd FromExitCode(int exitCode, bool memoryRanOut = false) => exitCode switch
    {
        Kill when memoryRanOut => new(
            ProcessEndKind.Crashed, exitCode, "was killed by the kernel because memory ran out: use fewer workers or threads on this machine, a smaller batch, or give it more memory"),
        0 => new(ProcessEndKind.Left, exitCode, "left"),
        2 => new(ProcessEndKind.Refused, exitCode, "was refused"),
        > SignalBase and <= SignalBase + 64 => new(ProcessEndKind.Crashed, exitCode, Signal(exitCode - SignalBase)),
        _ => new(ProcessEndKind.Crashed, exitCode, "failed with exit code " + exitCode.ToString(CultureInfo.InvariantCulture)),
    };

    private static string Signal(int signal) => signal switch
    {
        1 => "was ended by SIGHUP",
        2 => "was ended by SIGINT",
        4 => "was ended by SIGILL (an instruction that this processor lacks?)",
        6 => "aborted by itself (SIGABRT: an unhandled exception or a failed runtime check)",
        7 => "was ended by SIGBUS (is the disk or the shared memory full?)",
        8 => "was ended by SIGFPE",
        9 => "was killed by SIGKILL (out of memory? the system's log says so)",
        11 => "crashed with SIGSEGV",
        15 => "was ended by SIGTERM",
        _ => "was ended by signal " + signal.ToString(CultureInfo.InvariantCulture),
    };
}
