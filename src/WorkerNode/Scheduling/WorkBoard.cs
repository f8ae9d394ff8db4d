using Lockstep.Engine.Trees;
using Lockstep.Protocol.Messages;
using Lockstep.WorkerNode.Parameters;

namespace Lockstep.WorkerNode.Scheduling;

/// <summary>What the engine's thread computes next: nodes of a step, with the version of the parameters that is for it.</summary>
/// <param name="Version">The parameters.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="IsFirstOfStep">Whether nothing of this step has been computed here before.</param>
/// <param name="Superseded">Cancelled as soon as a newer version begins to arrive: the step is decided without this work.</param>
public sealed record Assignment(HeldVersion Version, IReadOnlyList<TreeNode> Nodes, bool IsFirstOfStep, CancellationToken Superseded);

/// <summary>
/// Where the threads of a worker meet: the reader brings versions, the actor brings views, the engine takes work.
/// </summary>
public sealed class WorkBoard : IDisposable
{
    private readonly object _gate = new();
    private readonly NodeSchedule _schedule;
    private readonly Action<HeldVersion> _release;
    private CancellationTokenSource _superseded = new();
    private readonly Queue<HeldVersion> _outdated = [];
    private HeldVersion? _arrived;
    private HeldVersion? _current;
    private long _newest = -1;
    private bool _begun;
    private bool _stopped;

    /// <param name="schedule">Decides what is to be done.</param>
    /// <param name="release">Takes back a version that is not computed with any more; called on the engine's thread.</param>
    public WorkBoard(NodeSchedule schedule, Action<HeldVersion> release)
    {
        _schedule = schedule;
        _release = release;
    }

    /// <summary>A view has come.</summary>
    /// <returns>False where it is none that this worker could work by; it is ignored.</returns>
    public bool Add(ViewPublished view)
    {
        lock (_gate)
        {
            if (!_schedule.Fits(view))
                return false;
            _schedule.Add(view);
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>The first block of a version has come: what is computed with older ones is not needed any more.</summary>
    public void Supersede(long version)
    {
        CancellationTokenSource? superseded;
        lock (_gate)
        {
            _newest = Math.Max(_newest, version);
            superseded = _current?.Version < version ? _superseded : null;
        }
        superseded?.Cancel();
    }

    /// <summary>A version has come, or begun to. One that still waits is outdated by it, whole, and never computed with.</summary>
    public void Offer(HeldVersion version)
    {
        lock (_gate)
        {
            if (_arrived is not null)
                _outdated.Enqueue(_arrived);
            _arrived = version;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends the engine's thread once it is done with what it computes, which is cancelled.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        Supersede(long.MaxValue);
    }

    /// <summary>Waits until <see cref="Stop"/>: for an engine that can compute no more, whose results may still be on their way.</summary>
    public void AwaitStop()
    {
        lock (_gate)
        {
            while (!_stopped)
                Monitor.Wait(_gate);
        }
    }

    /// <summary>Waits for work; null once stopped.</summary>
    public Assignment? Next()
    {
        while (true)
        {
            HeldVersion? outdated;
            lock (_gate)
            {
                if (_stopped)
                    return null;
                if (_arrived is not null)
                    BeginArrived();
                if (!_outdated.TryDequeue(out outdated))
                {
                    if (_current is not null && _schedule.Todo() is { Count: > 0 } nodes)
                        return Assign(_current, nodes);
                    Monitor.Wait(_gate);
                    continue;
                }
            }
            // Outside the lock: the reader must never wait for a message to be queued.
            _release(outdated);
        }
    }

    public void Dispose() => _superseded.Dispose();

    private void BeginArrived()
    {
        if (_current is not null)
            _outdated.Enqueue(_current);
        (_current, _arrived, _begun) = (_arrived!, null, false);
        _schedule.Begin(_current.Version, _current.View);
        if (!_superseded.TryReset())
            _superseded = new CancellationTokenSource();
        // A newer one may have begun to arrive while this one still waited.
        if (_newest > _current.Version)
            _superseded.Cancel();
    }

    private Assignment Assign(HeldVersion version, IReadOnlyList<TreeNode> nodes)
    {
        bool first = !_begun;
        _begun = true;
        _schedule.Done(nodes);
        return new Assignment(version, nodes, first, _superseded.Token);
    }
}
