using Lockstep.Transport.Joining;

namespace Lockstep.WorkerNode;

/// <summary>Whom a worker works for, and with what.</summary>
public sealed record WorkerOptions
{
    public required string JoinHost { get; init; }

    public required int JoinPort { get; init; }

    public required JoinToken Token { get; init; }

    public required int Threads { get; init; }

    public required TimeSpan JoinTimeout { get; init; }

    public string? DataRoot { get; init; }

    public required string BuildFingerprint { get; init; }
}

/// <summary>Why a worker stopped.</summary>
public abstract record WorkerExit
{
    public sealed record Completed : WorkerExit;

    public sealed record Left : WorkerExit;

    public sealed record Refused(string Reason) : WorkerExit;

    public sealed record CoordinatorLost(string Reason) : WorkerExit;

    public sealed record Failed(string Reason) : WorkerExit;
}
