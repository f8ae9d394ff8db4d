namespace Lockstep.Engine.Threading;

/// <summary>
/// A counter that one thread waits for and others move. The wait spins for a bounded time, then yields, then blocks: a
/// pure spin is fastest on idle cores and collapses when more threads than cores want to run.
/// </summary>
internal sealed class CrewGate
{
    private const int YieldRounds = 16;
    private const int PausesPerSpin = 8;

    private readonly object _monitor = new();
    private readonly int _spins;
    private int _value;
    private int _sleepers;

    /// <param name="value">Where the counter starts.</param>
    /// <param name="spins">How often to look before giving the core away.</param>
    public CrewGate(int value, int spins)
    {
        _value = value;
        _spins = spins;
    }

    /// <summary>Sets the counter before anybody can wait for it.</summary>
    public void Reset(int value) => Volatile.Write(ref _value, value);

    /// <summary>Adds to the counter and wakes who sleeps. Everything written before is seen by those who see the new value.</summary>
    public void Add(int amount)
    {
        // The full fence orders this write before the read of the sleepers, as the sleeper's orders its own pair.
        Interlocked.Add(ref _value, amount);
        if (Volatile.Read(ref _sleepers) == 0)
            return;
        lock (_monitor)
            Monitor.PulseAll(_monitor);
    }

    /// <summary>Returns as soon as the counter has the value <paramref name="target"/>.</summary>
    public void Await(int target)
    {
        for (int spin = 0; spin < _spins; spin++)
        {
            if (Volatile.Read(ref _value) == target)
                return;
            Thread.SpinWait(PausesPerSpin);
        }
        for (int round = 0; round < YieldRounds; round++)
        {
            if (Volatile.Read(ref _value) == target)
                return;
            Thread.Yield();
        }
        Block(target);
    }

    private void Block(int target)
    {
        lock (_monitor)
        {
            Interlocked.Increment(ref _sleepers);
            while (Volatile.Read(ref _value) != target)
                Monitor.Wait(_monitor);
            Interlocked.Decrement(ref _sleepers);
        }
    }
}
