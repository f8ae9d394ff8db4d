using System.Runtime.CompilerServices;

namespace Lockstep.Simulation.Timing;

/// <summary>
/// A point in time, and how it came to be just then: the time that each activity took on the path of causes that leads to it from the last
/// decided step. What waits for two things goes on from the later of the two, so the path to a step's end is the critical path, and its parts add up to the
/// step's whole time.
/// </summary>
internal readonly struct Moment
{
    private readonly PathTimes _times;

    /// <param name="seconds">When; a path begins here.</param>
    public Moment(double seconds) => (Seconds, Root) = (seconds, seconds);

    private Moment(double seconds, double root, in PathTimes times) => (Seconds, Root, _times) = (seconds, root, times);

    /// <summary>When, in seconds.</summary>
    public double Seconds { get; }

    /// <summary>When its path began, in seconds.</summary>
    public double Root { get; }

    /// <summary>Seconds of the path that an activity took.</summary>
    public double TimeOf(Activity activity) => _times[(int)activity];

    /// <summary>The end of an activity that begins here.</summary>
    public Moment After(double seconds, Activity activity)
    {
        PathTimes times = _times;
        times[(int)activity] += seconds;
        return new Moment(Seconds + seconds, Root, times);
    }

    /// <summary>The same for an activity whose end is known.</summary>
    public Moment Until(double end, Activity activity) => end <= Seconds ? this : After(end - Seconds, activity);

    /// <summary>The later of two; the first where they are at once.</summary>
    public static Moment Later(in Moment first, in Moment second) => second.Seconds > first.Seconds ? second : first;

    /// <summary>
    /// When something that is ready gets a resource that becomes free. Where it waits for what belongs to an earlier step, whose path is not its own, the
    /// waiting itself is put down to the resource.
    /// </summary>
    public static Moment WhenFree(in Moment ready, in Moment free, Activity resource) =>
        free.Seconds <= ready.Seconds ? ready
        : free.Root == ready.Root ? free
        : ready.Until(free.Seconds, resource);

    [InlineArray(Activities.Count)]
    private struct PathTimes
    {
        private double _first;
    }
}
