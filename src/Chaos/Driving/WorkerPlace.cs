using System.Globalization;
using Lockstep.Chaos.Hooks;
using Lockstep.Chaos.Links;
using Lockstep.Chaos.Processes;
using Lockstep.Transport.Connections;

namespace Lockstep.Chaos.Driving;

/// <summary>A place in the cluster that always has a worker: one that ends is followed by another.</summary>
internal sealed class WorkerPlace : IAsyncDisposable
{
    /// <summary>From a worker's end to the start of the next, as <c>train</c> has it. 0.25 s.</summary>
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(250);

    private readonly ClusterLaunch _launch;
    private readonly TimeProvider _time;
    private readonly List<ClusterProcess> _processes = [];
    private readonly Queue<Strike> _injections;
    private DataEndpoint _join;
    private long? _endedAt;

    /// <param name="index">Its number from 0.</param>
    /// <param name="launch">Starts workers.</param>
    /// <param name="coordinator">Where the coordinator listens.</param>
    /// <param name="injections">Faults that its workers make themselves, by their steps.</param>
    /// <param name="time">For pauses.</param>
    public WorkerPlace(int index, ClusterLaunch launch, DataEndpoint coordinator, IEnumerable<Strike> injections, TimeProvider time)
    {
        (Index, _launch, _time, _join) = (index, launch, time, coordinator);
        _injections = new Queue<Strike>(injections);
        if (!coordinator.IsUnix)
        {
            Link = new FaultyLink(coordinator, time);
            _join = Link.Endpoint;
        }
        Start();
    }

    public int Index { get; }

    /// <summary>What stands between the worker and the coordinator; null where they share memory.</summary>
    public FaultyLink? Link { get; }

    /// <summary>The present worker, or the last one.</summary>
    public ClusterProcess Worker => _processes[^1];

    /// <summary>Workers that ended here.</summary>
    public int Ended { get; private set; }

    public string Transcript => string.Concat(_processes.Select(process => process.Transcript));

    /// <summary>The fault that the present worker makes itself, and has not made yet; null for none.</summary>
    public Strike? Injection { get; private set; }

    /// <summary>A coordinator that was started anew listens elsewhere.</summary>
    public void PointTo(DataEndpoint coordinator)
    {
        if (Link is null)
            _join = coordinator;
        else
            Link.PointTo(coordinator);
    }

    /// <summary>Starts another worker some time after the last one has ended.</summary>
    public void Tend()
    {
        if (Worker.Runs)
            return;
        if (_endedAt is null)
        {
            _endedAt = _time.GetTimestamp();
            Ended++;
        }
        else if (_time.GetElapsedTime(_endedAt.Value) >= RestartPause)
        {
            _endedAt = null;
            Start();
        }
    }

    /// <summary>Whether the worker has made its fault since it was last asked.</summary>
    public bool HasMadeItsFault()
    {
        if (Injection is null || !Worker.Lines.Any(line => line.Contains(ProcessHooks.StruckLine, StringComparison.Ordinal)))
            return false;
        _injections.Dequeue();
        return true;
    }

    /// <summary>No later worker makes the fault that has been made.</summary>
    public void ForgetInjection() => Injection = null;

    public async ValueTask DisposeAsync()
    {
        foreach (ClusterProcess process in _processes)
            await process.DisposeAsync().ConfigureAwait(false);
        if (Link is not null)
            await Link.DisposeAsync().ConfigureAwait(false);
    }

    private void Start()
    {
        Injection = _injections.TryPeek(out Strike? next) ? next : null;
        string name = string.Create(CultureInfo.InvariantCulture, $"worker {Index}{(_processes.Count == 0 ? "" : $", start {_processes.Count + 1}")}");
        _processes.Add(_launch.StartWorker(
            name, _join, next is null ? null : new InjectedFaultText(next.Plan.Kind, next.Plan.Step, next.Plan.Layer, next.Plan.Leaf)));
    }
}
