namespace Lockstep.Coordinator.Stragglers;

/// <summary>
/// Workers that were late. Each is given a copy of one leaf that another worker has too, which nobody waits for, and comes back when it has
/// delivered some of these in time. One that is late again soon after stays on trial twice as long, so that a worker which is slow now and then does
/// not hold every other step up. Pure: a round is the time between two balances.
/// </summary>
public sealed class Trials
{
    /// <summary>Leaves that it has to deliver in time.</summary>
    public const int Deliveries = 2;

    /// <summary>The longest trial, in rounds.</summary>
    public const int MostRounds = 32;

    /// <summary>A worker that has been in time for so many times as long as its trial was has a clean record.</summary>
    public const int Probation = 8;

    private readonly SortedDictionary<long, Trial> _present = [];
    private readonly Dictionary<long, (int Length, int Since)> _past = [];

    /// <summary>Who is on trial, in order.</summary>
    public IReadOnlyCollection<long> Workers => _present.Keys;

    /// <summary>Whether a worker is on trial.</summary>
    public bool Contains(long worker) => _present.ContainsKey(worker);

    /// <summary>Whether a worker on trial has delivered something in time since it was late.</summary>
    public bool HasDelivered(long worker) => _present.TryGetValue(worker, out Trial? trial) && trial.Delivered > 0;

    /// <summary>A worker is late.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="step">At which step.</param>
    public void Begin(long worker, long step)
    {
        int length = _past.Remove(worker, out (int Length, int Since) last) ? Math.Min(2 * last.Length, MostRounds) : 1;
        _present[worker] = new Trial(step, length);
    }

    /// <summary>A worker has computed all that it was given of a step before the step was decided.</summary>
    public void Delivered(long worker, long step)
    {
        // Of the step at which it was late it had more than one leaf, and time enough.
        if (_present.TryGetValue(worker, out Trial? trial) && step > trial.LateAt)
            trial.Delivered++;
    }

    /// <summary>A worker comes back before its time, because it is needed; if it is on trial at all.</summary>
    public void End(long worker)
    {
        if (_present.Remove(worker, out Trial? trial))
            _past[worker] = (trial.Length, 0);
    }

    /// <summary>A worker is gone.</summary>
    public void Forget(long worker)
    {
        _present.Remove(worker);
        _past.Remove(worker);
    }

    /// <summary>There is nobody else: all come back.</summary>
    public void Clear() => _present.Clear();

    /// <summary>A round is over.</summary>
    /// <returns>Those who come back.</returns>
    public IReadOnlyList<long> EndRound()
    {
        foreach ((long worker, (int length, int since)) in _past.ToList())
        {
            if (since + 1 < Probation * length)
                _past[worker] = (length, since + 1);
            else
                _past.Remove(worker);
        }
        var back = new List<long>();
        foreach ((long worker, Trial trial) in _present.ToList())
        {
            if (++trial.Rounds < trial.Length || trial.Delivered < Deliveries)
                continue;
            End(worker);
            back.Add(worker);
        }
        return back;
    }

    private sealed class Trial(long lateAt, int length)
    {
        public long LateAt => lateAt;

        public int Length => length;

        public int Rounds { get; set; }

        public int Delivered { get; set; }
    }
}
