using MessagePack;

namespace Lockstep.Protocol.Messages;

/// <summary>A worker asks to be let go: its nodes are given to others before it leaves.</summary>
[MessagePackObject]
public sealed record LeaveRequested([property: Key(0)] long Incarnation) : IWireMessage;

/// <summary>Computation of a node threw on a worker.</summary>
/// <param name="Incarnation">The worker.</param>
/// <param name="Step">The step.</param>
/// <param name="FirstLeaf">First leaf of the node that it was computing.</param>
/// <param name="Leaves">How many leaves that node has.</param>
/// <param name="Layer">The layer, where it is known.</param>
/// <param name="Message">The exception's type and message.</param>
/// <param name="Detail">Its stack.</param>
[MessagePackObject]
public sealed record ComputationFailed(
    [property: Key(0)] long Incarnation,
    [property: Key(1)] long Step,
    [property: Key(2)] int FirstLeaf,
    [property: Key(3)] int Leaves,
    [property: Key(4)] string? Layer,
    [property: Key(5)] string Message,
    [property: Key(6)] string Detail) : IWireMessage;

/// <summary>Why a worker is let go.</summary>
public enum DismissalReason
{
    /// <summary>The run has ended.</summary>
    RunEnded = 0,

    /// <summary>It asked to leave.</summary>
    LeftOnRequest = 1,

    /// <summary>The run has failed.</summary>
    RunFailed = 2,

    /// <summary>The run was interrupted and can be resumed.</summary>
    RunInterrupted = 3,
}

/// <summary>The coordinator lets a worker go; it needs to do no more.</summary>
[MessagePackObject]
public sealed record WorkerDismissed(
    [property: Key(0)] long Incarnation,
    [property: Key(1)] DismissalReason Reason,
    [property: Key(2)] string Explanation) : IWireMessage;
