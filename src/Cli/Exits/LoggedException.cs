namespace Lockstep.Cli.Exits;

/// <summary>An unexpected failure whose details are in a log already.</summary>
/// <param name="cause">The failure.</param>
/// <param name="logFile">The log's path; null where the run had no folder yet.</param>
public sealed class LoggedException(Exception cause, string? logFile) : Exception(cause.Message, cause)
{
    public string? LogFile { get; } = logFile;
}
