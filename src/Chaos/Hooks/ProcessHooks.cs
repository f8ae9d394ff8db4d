namespace Lockstep.Chaos.Hooks;

/// <summary>
/// What a launcher of chaos tells the processes that it starts, in variables of theirs. A process looks at them only where it was started by
/// a launcher, so that nothing that a user sets by chance reaches a training.
/// </summary>
public static class ProcessHooks
{
    /// <summary>The variable with an <see cref="InjectedFaultText"/>.</summary>
    public const string FaultVariable = "LOCKSTEP_CHAOS_FAULT";

    /// <summary>The variable with the path of the file that <see cref="ShiftedClock"/> reads.</summary>
    public const string ClockVariable = "LOCKSTEP_CHAOS_CLOCK";

    /// <summary>What a process says first on the line that tells that it has made its fault.</summary>
    public const string StruckLine = "injected fault: ";

    /// <summary>The clock that a launched process is to use.</summary>
    /// <param name="environment">Reads a variable.</param>
    /// <param name="time">The system's clock.</param>
    public static TimeProvider Clock(Func<string, string?> environment, TimeProvider time) =>
        environment(ClockVariable) is { Length: > 0 } path ? new ShiftedClock(path, time) : time;

    /// <summary>The fault that a launched worker is to make; null for none.</summary>
    /// <param name="environment">Reads a variable.</param>
    /// <exception cref="FormatException">The variable says something else.</exception>
    public static InjectedFaultText? Fault(Func<string, string?> environment) =>
        environment(FaultVariable) is { Length: > 0 } text ? InjectedFaultText.Parse(text) : null;
}
