namespace Lockstep.Launch;

/// <summary>A process to start.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">Its arguments, unquoted.</param>
/// <param name="Environment">Variables beside the inherited ones; a null value takes an inherited one away.</param>
public sealed record ProcessRequest(
    string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string?> Environment);

/// <summary>Starts processes: the system, or a test's imitation.</summary>
public interface IProcessStarter
{
    /// <summary>Starts one, its three standard streams being pipes.</summary>
    /// <exception cref="WorkerStartException">The system refused.</exception>
    IStartedProcess Start(ProcessRequest request);
}

/// <summary>A process that was started here.</summary>
public interface IStartedProcess : IDisposable
{
    /// <summary>The system's number for it.</summary>
    int Id { get; }

    /// <summary>What it writes to its standard output.</summary>
    TextReader Output { get; }

    /// <summary>What it writes to its standard error.</summary>
    TextReader Error { get; }

    /// <summary>Its exit code, once it has ended; 128 + n where signal n ended it.</summary>
    Task<int> Ended { get; }

    /// <summary>Closes the pipe that is its standard input: it takes this for "your parent is gone".</summary>
    void CloseInput();

    /// <summary>Ends it at once; nothing happens where it has ended already.</summary>
    void Kill();
}

/// <summary>A worker process could not be started.</summary>
public sealed class WorkerStartException(string message, Exception cause) : Exception(message, cause);
