namespace Lockstep.Simulation.Timing;

/// <summary>Who goes first where processors are short.</summary>
internal enum Priority
{
    /// <summary>Threads that serve the network, and the parameter server.</summary>
    Network,

    /// <summary>Threads that compute: they take what the others leave.</summary>
    Compute,
}

/// <summary>
/// The processors of one machine. Threads of one priority share them equally (processor sharing: n threads on c processors each run at min(1, c/n) of
/// full speed).
/// </summary>
/// <param name="events">The clock.</param>
/// <param name="cores">How many; infinite where nothing is ever short of one.</param>
internal sealed class Processors(EventQueue events, double cores)
{
    private readonly Band _network = new();
    private readonly Band _compute = new();
    private double _servedUntil;
    private long _plan;

    /// <summary>Does some work, beginning now.</summary>
    /// <param name="seconds">How long it takes at full speed.</param>
    /// <param name="width">How many threads do it at once.</param>
    /// <param name="priority">Of these threads.</param>
    /// <param name="done">Told at its end.</param>
    public void Run(double seconds, int width, Priority priority, Action done)
    {
        if (double.IsPositiveInfinity(cores))
        {
            events.At(events.Now + seconds, done);
            return;
        }
        Serve();
        (priority == Priority.Network ? _network : _compute).Add(seconds, width, done);
        Plan();
    }

    private void Serve()
    {
        double elapsed = events.Now - _servedUntil;
        _network.Serve(elapsed);
        _compute.Serve(elapsed);
        _servedUntil = events.Now;
    }

    private void Plan()
    {
        _network.Speed = SpeedOf(_network.Threads, cores);
        _compute.Speed = SpeedOf(_compute.Threads, Math.Max(0, cores - _network.Threads));
        double next = Math.Min(_network.UntilNext, _compute.UntilNext);
        // A plan that something new has overtaken is left to pass by.
        long plan = ++_plan;
        if (double.IsFinite(next))
            events.At(events.Now + next, () => Finish(plan));
    }

    private void Finish(long plan)
    {
        if (plan != _plan)
            return;
        Serve();
        Action done = (_network.UntilNext <= _compute.UntilNext ? _network : _compute).Take();
        Plan();
        done();
    }

    private static double SpeedOf(int threads, double cores) => threads == 0 ? 0 : Math.Min(1, cores / threads);

    /// <summary>Work of one priority: all of it proceeds at one speed, so it is done in the order of what it needs beyond what all had by then.</summary>
    private sealed class Band
    {
        // Of what ends at once the first comes first, or else a queue of a thread would run ahead of the others'.
        private readonly PriorityQueue<(int Width, Action Done), (double End, long Sequence)> _running = new();
        private double _served;
        private long _sequence;

        public int Threads { get; private set; }

        public double Speed { get; set; }

        public double UntilNext => _running.TryPeek(out _, out (double End, long Sequence) next) && Speed > 0 ? Math.Max(0, next.End - _served) / Speed : double.PositiveInfinity;

        public void Add(double seconds, int width, Action done)
        {
            _running.Enqueue((width, done), (_served + seconds, _sequence++));
            Threads += width;
        }

        public void Serve(double elapsed) => _served += elapsed * Speed;

        public Action Take()
        {
            (int width, Action done) = _running.Dequeue();
            Threads -= width;
            return done;
        }
    }
}
