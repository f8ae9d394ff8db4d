using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;
using Lockstep.WorkerNode.DataPlane;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.WorkerNode.Running;

/// <summary>
/// One incarnation of a worker: one connection, one actor system, one place in the run. A worker that loses its
/// coordinator begins another.
/// </summary>
public sealed class WorkerSession
{
    private readonly TaskCompletionSource<WorkerExit> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DataConnection? _socket;
    private volatile StandbyAddress[] _standbys = [];

    public WorkerSession(WorkerOptions options, TimeProvider time)
    {
        (Options, Time) = (options, time);
        Connection = new CoordinatorConnection(
            closed: reason => End(WorkerOutcome.CoordinatorLost, reason.ToString()),
            dismissed: reason => End(reason == DismissalReason.LeftOnRequest ? WorkerOutcome.Left : WorkerOutcome.RunEnded, "the run has ended"));
    }

    public WorkerOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>The data plane.</summary>
    public CoordinatorConnection Connection { get; }

    /// <summary>What the coordinator said when it let the worker in.</summary>
    public CoordinatorWelcome Welcome { get; private set; } = null!;

    /// <summary>What it works for.</summary>
    public Allegiance Allegiance => new(new RunId(Welcome.Run), Welcome.Term);

    /// <summary>Who would take over, in that order.</summary>
    public IReadOnlyList<StandbyAddress> Standbys => _standbys;

    /// <summary>This machine's address on the way to the coordinator, where its actor system listens too.</summary>
    public string LocalHost => _socket?.LocalAddress?.ToString() ?? "127.0.0.1";

    /// <summary>Comes when the session has ended, with the first reason that was given.</summary>
    public Task<WorkerExit> Ended => _end.Task;

    /// <summary>The data plane is open.</summary>
    public void Opened(DataConnection socket) => _socket = socket;

    /// <summary>The coordinator has let the worker in.</summary>
    public void Welcomed(CoordinatorWelcome welcome)
    {
        Welcome = welcome;
        Succeed(welcome.Standbys ?? []);
        if (welcome.SharedFolder is { } folder)
            Connection.Share(folder, welcome.Incarnation);
    }

    /// <summary>The coordinator says who would take over.</summary>
    public void Succeed(StandbyAddress[] standbys) => _standbys = standbys;

    /// <summary>Ends the session; later reasons do not count.</summary>
    public void End(WorkerOutcome outcome, string explanation) => _end.TrySetResult(new WorkerExit(outcome, explanation));

    /// <summary>Ends the connection and waits for its threads.</summary>
    public void CloseConnection() => _socket?.Dispose();
}
