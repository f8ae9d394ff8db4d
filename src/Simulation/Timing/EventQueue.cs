namespace Lockstep.Simulation.Timing;

/// <summary>The simulated clock: what will happen, in the order of its time; what happens at the same time, in the order in which it was planned.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, Order> _planned = new();
    private long _sequence;

    /// <summary>The present, in seconds from the simulation's beginning.</summary>
    public double Now { get; private set; }

    /// <summary>Plans an event.</summary>
    /// <param name="seconds">When; a time that rounding put before the present is the present.</param>
    /// <param name="happens">What.</param>
    public void At(double seconds, Action happens) => _planned.Enqueue(happens, new Order(Math.Max(seconds, Now), _sequence++));

    /// <summary>Goes on to the next event; false where nothing is planned.</summary>
    public bool Next()
    {
        if (!_planned.TryDequeue(out Action? happens, out Order order))
            return false;
        Now = order.Seconds;
        happens();
        return true;
    }

    private readonly record struct Order(double Seconds, long Sequence) : IComparable<Order>
    {
        public int CompareTo(Order other) => Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Sequence.CompareTo(other.Sequence);
    }
}
