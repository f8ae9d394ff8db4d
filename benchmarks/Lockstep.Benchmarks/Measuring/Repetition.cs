using System.Diagnostics;

namespace Lockstep.Benchmarks.Measuring;

/// <summary>How long something is warmed up and how often it is then measured.</summary>
/// <param name="WarmUp">At least so long, so that the just-in-time compiler is done and the clock frequency has settled.</param>
/// <param name="WarmUpRuns">And at least so often.</param>
/// <param name="Runs">At least so often it is measured.</param>
/// <param name="Duration">And at least so long.</param>
internal sealed record Repetition(TimeSpan WarmUp, int WarmUpRuns, int Runs, TimeSpan Duration = default)
{
    /// <summary>A few iterations: enough to see that it works, not to see how fast.</summary>
    public static Repetition Smoke { get; } = new(TimeSpan.Zero, 3, 5);

    /// <summary>For a step of milliseconds.</summary>
    public static Repetition Of(int runs) => new(TimeSpan.FromSeconds(1.5), 50, runs);

    /// <summary>Warms up, then collects what each measured run returns.</summary>
    public List<T> Measure<T>(Func<T> run)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < WarmUpRuns || Stopwatch.GetElapsedTime(start) < WarmUp; i++)
            run();
        var measured = new List<T>(Runs);
        start = Stopwatch.GetTimestamp();
        while (measured.Count < Runs || Stopwatch.GetElapsedTime(start) < Duration)
            measured.Add(run());
        return measured;
    }

    /// <summary>Ticks of the stopwatch as milliseconds.</summary>
    public static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
