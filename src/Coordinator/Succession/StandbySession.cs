using System.Collections.Concurrent;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Messages;
using Lockstep.Protocol.Serialization;
using Lockstep.Transport.Connections;

namespace Lockstep.Coordinator.Succession;

/// <summary>One stay of a standby with one coordinator: one connection, one actor system, one place in the succession.</summary>
internal sealed class StandbySession
{
    private readonly TaskCompletionSource<StandbyEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, bool> _givenUp = [];
    private TaskCompletionSource _nextGivenUp = NewSignal();
    private DataConnection? _socket;
    private volatile bool _isolated;
    private volatile StandbyAddress[] _succession = [];

    public StandbySession()
    {
        Connection = new LeaderConnection(
            closed: reason => End(StandbyOutcome.CoordinatorLost, reason.Text),
            dismissed: reason => End(StandbyOutcome.RunEnded, reason switch
            {
                DismissalReason.RunFailed => "the run has failed",
                DismissalReason.RunInterrupted => "the run was interrupted",
                _ => "the run has ended",
            }));
    }

    /// <summary>The data plane.</summary>
    public LeaderConnection Connection { get; }

    /// <summary>Where the coordinator was found.</summary>
    public DataEndpoint Leader { get; private set; } = null!;

    /// <summary>What it said.</summary>
    public CoordinatorWelcome Welcome { get; private set; } = null!;

    /// <summary>This machine's address on the way to the coordinator, where its actor system listens too.</summary>
    public string LocalHost => _socket?.LocalAddress?.ToString() ?? "127.0.0.1";

    /// <summary>Who would take over, in that order.</summary>
    public IReadOnlyList<StandbyAddress> Succession => _succession;

    /// <summary>Comes when the session has ended, with the first reason that was given.</summary>
    public Task<StandbyEnd> Ended => _end.Task;

    public void Joined(DataEndpoint leader, DataConnection socket, CoordinatorWelcome welcome)
    {
        (Leader, _socket, Welcome) = (leader, socket, welcome);
        Succeed(welcome.Standbys ?? []);
    }

    /// <summary>The order has changed.</summary>
    public void Succeed(StandbyAddress[] succession) => _succession = [.. succession.Take(DataPlaneLimits.Standbys)];

    /// <summary>The cluster has given a node up.</summary>
    /// <param name="roles">The node's roles, by which it is known.</param>
    public void GiveUp(IEnumerable<string> roles)
    {
        foreach (string role in roles)
            _givenUp[role] = true;
        Interlocked.Exchange(ref _nextGivenUp, NewSignal()).TrySetResult();
    }

    /// <summary>Comes when one more node is given up.</summary>
    public Task NextGivenUp => Volatile.Read(ref _nextGivenUp).Task;

    /// <summary>The cluster has given this standby's own node up: what it says of others does not count any more.</summary>
    public void Isolate() => _isolated = true;

    /// <summary>Whether the cluster has given the coordinator's node up.</summary>
    public bool HasGivenUpLeader => !_isolated && _givenUp.ContainsKey(ControlPlaneSettings.CoordinatorRole);

    /// <summary>Whether the cluster has given a standby's node up.</summary>
    public bool HasGivenUp(long standby) => !_isolated && _givenUp.ContainsKey(ControlPlaneSettings.RoleOfStandby(standby));

    /// <summary>Ends the session; later reasons do not count.</summary>
    public void End(StandbyOutcome outcome, string explanation) => _end.TrySetResult(new StandbyEnd(outcome, explanation));

    /// <summary>Ends the connection and waits for its threads.</summary>
    public void CloseConnection() => _socket?.Dispose();

    /// <summary>Says goodbye.</summary>
    public void Leave(string reason)
    {
        Connection.Close(reason);
        _socket?.WaitClosed(TimeSpan.FromSeconds(1));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The job and the data, ready to be led.</summary>
/// <param name="Plan">Both.</param>
/// <param name="JobSha256">The job's hash.</param>
/// <param name="DataFolder">Where the coordinator had the job's file.</param>
internal sealed record StandbyPlan(TrainingPlan Plan, string JobSha256, string DataFolder);
