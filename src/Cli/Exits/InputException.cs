namespace Lockstep.Cli.Exits;

/// <summary>What was asked for cannot be done as asked; the message ends with what to do. Nothing has been written.</summary>
public sealed class InputException(string message, Exception? cause = null) : Exception(message, cause);
