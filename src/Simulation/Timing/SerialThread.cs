namespace Lockstep.Simulation.Timing;

/// <summary>A thread that does what it is given, one after the other, on the processors of its machine; it sleeps when there is nothing.</summary>
/// <param name="events">The clock.</param>
/// <param name="processors">Of its machine.</param>
/// <param name="activity">What its time is put down to, unless the work says otherwise.</param>
/// <param name="priority">Its priority.</param>
/// <param name="wakeSeconds">What it takes to wake it.</param>
internal sealed class SerialThread(EventQueue events, Processors processors, Activity activity, Priority priority, double wakeSeconds)
{
    private readonly Queue<Work> _waiting = new();
    private bool _awake;

    /// <summary>Gives it work whose extent is known.</summary>
    public void Post(in Moment ready, double seconds, Action<Moment> done, int width = 1, Activity? activity = null) => Post(ready, () => seconds, done, width, activity);

    /// <summary>Gives it work.</summary>
    /// <param name="ready">The present.</param>
    /// <param name="seconds">Asked when the work begins: how long it takes at full speed.</param>
    /// <param name="done">Told at its end.</param>
    /// <param name="width">Threads that do it together, this one included.</param>
    /// <param name="activity">What its time is put down to.</param>
    public void Post(in Moment ready, Func<double> seconds, Action<Moment> done, int width = 1, Activity? activity = null)
    {
        _waiting.Enqueue(new Work(ready, seconds, done, width, activity));
        if (_awake)
            return;
        _awake = true;
        Moment woken = ready.After(wakeSeconds, Activity.Latency);
        if (wakeSeconds > 0)
            events.At(woken.Seconds, () => Begin(woken));
        else
            Begin(woken);
    }

    private void Begin(Moment start)
    {
        Work work = _waiting.Dequeue();
        Activity own = work.Activity ?? activity;
        processors.Run(work.Seconds(), work.Width, priority, () =>
        {
            Moment end = start.Until(events.Now, own);
            work.Done(end);
            _awake = _waiting.Count > 0;
            if (_awake)
                Begin(Moment.WhenFree(_waiting.Peek().Ready, end, own));
        });
    }

    private readonly record struct Work(Moment Ready, Func<double> Seconds, Action<Moment> Done, int Width, Activity? Activity);
}
