using Akka.Actor;

namespace Lockstep.Coordinator.Running;

/// <summary>Every incarnation that a run has seen. Those that are gone are kept for the table, the latest few of them.</summary>
internal sealed class WorkerRoster
{
    private const int GoneKept = 8;

    private readonly SortedDictionary<long, WorkerEntry> _workers = [];

    /// <summary>A new incarnation.</summary>
    public void Add(long incarnation, WorkerEntry worker)
    {
        _workers.Add(incarnation, worker);
        foreach (long forgotten in _workers.Where(pair => pair.Value.Stage == WorkerStage.Gone).Select(pair => pair.Key).SkipLast(GoneKept).ToList())
            _workers.Remove(forgotten);
    }

    /// <summary>A worker; null where it is unknown.</summary>
    public WorkerEntry? Find(long incarnation) => _workers.GetValueOrDefault(incarnation);

    /// <summary>The worker with this actor; null where there is none.</summary>
    public WorkerEntry? FindByActor(IActorRef actor) => _workers.Values.FirstOrDefault(worker => actor.Equals(worker.Actor));

    /// <summary>The longest of the latest round trips to workers that compute; null before one was measured.</summary>
    public TimeSpan? SlowestRoundTrip => _workers.Values.Where(worker => worker.Stage == WorkerStage.Computing).Max(worker => worker.Connection.RoundTrip);

    /// <summary>All, oldest first.</summary>
    public IEnumerable<(long Incarnation, WorkerEntry Worker)> All() => _workers.Select(pair => (pair.Key, pair.Value));

    /// <summary>All that have not gone.</summary>
    public IReadOnlyList<(long Incarnation, WorkerEntry Worker)> Present() => [.. All().Where(pair => pair.Worker.Stage != WorkerStage.Gone)];

    /// <summary>All that have come just so far.</summary>
    public IReadOnlyList<(long Incarnation, WorkerEntry Worker)> At(WorkerStage stage) => [.. All().Where(pair => pair.Worker.Stage == stage)];

    public int CountAt(WorkerStage stage) => _workers.Values.Count(worker => worker.Stage == stage);
}
