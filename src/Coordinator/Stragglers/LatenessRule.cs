using Lockstep.Coordinator.Steps;

namespace Lockstep.Coordinator.Stragglers;

/// <summary>
/// How long a step may stay open before those that it waits for are late. A step takes what its nodes take to be computed, known from the workers' own measured
/// speeds, and something beyond: the way of parameters and gradients, the update, an evaluation. What is beyond is learned from the latest steps of the same
/// work. Pure: times are told, in seconds.
/// </summary>
public sealed class LatenessRule
{
    /// <summary>Nobody is late before: what a machine does beside may hold a healthy worker up for so long. 0.25 s.</summary>
    public const double LeastSeconds = 0.25;

    /// <summary>A step is overdue when it takes so many times as long as usual.</summary>
    public const double Factor = 3;

    /// <summary>So many steps of each kind are remembered. The median of them is what counts, so no single one does.</summary>
    public const int Remembered = 16;

    /// <summary>Nothing is said before so many steps of a kind were seen: the first ones compile code and load data.</summary>
    public const int Needed = 4;

    /// <summary>A worker that was never measured has so many times as long: it does everything for the first time.</summary>
    public const double NewcomerPatience = 10;

    private readonly Dictionary<StepWork, Queue<double>> _beyond = [];

    /// <summary>A step was decided in which nothing was given to others.</summary>
    /// <param name="work">What it consisted of.</param>
    /// <param name="seconds">How long it was open.</param>
    /// <param name="computing">What the slowest share should have taken, by measured speed; the slowness of one worker is thus not learned as usual.</param>
    public void Learn(StepWork work, double seconds, double computing)
    {
        if (!double.IsFinite(seconds) || !double.IsFinite(computing))
            return;
        if (!_beyond.TryGetValue(work, out Queue<double>? beyond))
            _beyond[work] = beyond = new Queue<double>(Remembered);
        if (beyond.Count == Remembered)
            beyond.Dequeue();
        beyond.Enqueue(Math.Max(0, seconds - computing));
    }

    /// <summary>How long a step usually takes.</summary>
    /// <param name="work">What it consists of.</param>
    /// <param name="computing">The shortest time in which the workers could compute it together, by measured speed.</param>
    /// <returns>Seconds; null while too little is known.</returns>
    public double? Usual(StepWork work, double computing)
    {
        if (!_beyond.TryGetValue(work, out Queue<double>? beyond) || beyond.Count < Needed || !double.IsFinite(computing))
            return null;
        return computing + beyond.Order().ElementAt(beyond.Count / 2);
    }

    /// <summary>How long a step may stay open before it is overdue.</summary>
    /// <inheritdoc cref="Usual"/>
    public double? Bound(StepWork work, double computing) => Usual(work, computing) is { } usual ? Math.Max(LeastSeconds, Factor * usual) : null;
}
