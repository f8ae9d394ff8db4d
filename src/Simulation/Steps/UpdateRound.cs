using Lockstep.Simulation.Timing;

namespace Lockstep.Simulation.Steps;

/// <summary>
/// How the machines of the parameter server agree on an update. Each prepares its blocks when they are full and the first one has told it the minibatch's counts; the first one
/// has everybody's norms, decides, and tells everybody, and only then a block changes. With one machine all of that takes no time.
/// </summary>
/// <param name="events">The clock.</param>
/// <param name="latency">Seconds from one machine to another.</param>
/// <param name="decided">Told when a step is decided.</param>
internal sealed class UpdateRound(EventQueue events, double latency, Action<Moment> decided)
{
    private SimulatedServer[] _servers = [];
    private bool[] _isFull = [];
    private bool[] _knowsDivisor = [];
    private int _unprepared;

    /// <summary>Says who takes part.</summary>
    public void Begin(SimulatedServer[] servers)
    {
        _servers = servers;
        Open();
    }

    /// <summary>The first machine has the minibatch's sums.</summary>
    public void KnowsDivisor(in Moment now)
    {
        foreach (SimulatedServer server in _servers)
            Tell(now, server.Index == 0, moment => Learn(_knowsDivisor, server.Index, moment));
    }

    /// <summary>A machine has all contributions to its blocks.</summary>
    public void IsFull(int server, in Moment now) => Learn(_isFull, server, now);

    private void Learn(bool[] what, int server, in Moment now)
    {
        what[server] = true;
        if (_isFull[server] && _knowsDivisor[server])
            _servers[server].Prepare(now, prepared => Tell(prepared, server == 0, Prepared));
    }

    private void Prepared(Moment now)
    {
        if (--_unprepared > 0)
            return;
        Open();
        decided(now);
        // A path begins anew with each decision, so that the parts of a step add up to its time.
        var beginning = new Moment(now.Seconds);
        foreach (SimulatedServer server in _servers)
            Tell(beginning, server.Index == 0, moment => server.Apply(moment));
    }

    private void Tell(in Moment now, bool isItself, Action<Moment> heard)
    {
        if (isItself)
        {
            heard(now);
            return;
        }
        Moment arrival = now.After(latency, Activity.Latency);
        events.At(arrival.Seconds, () => heard(arrival));
    }

    private void Open()
    {
        _isFull = new bool[_servers.Length];
        _knowsDivisor = new bool[_servers.Length];
        _unprepared = _servers.Length;
    }
}
