namespace Lockstep.Simulation.Measuring;

/// <summary>
/// Measures something often and takes the tenth part that was disturbed least: what else the machine does makes things slower, never faster, and the very fastest may be a
/// slip of the clock.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class LeastDisturbed(TimeProvider time)
{
    private const int Part = 10;

    /// <summary>
    /// So long a thing is done before it is measured. The runtime compiles what has been called often anew, a tenth of a second later, and until then it can be many times
    /// as slow as it is in a training: a checksum forty times.
    /// </summary>
    private const double WarmUpSeconds = 0.3;

    /// <summary>But at most so often.</summary>
    private const int MostWarmUps = 20_000;

    /// <summary>Seconds that something takes once it has been done for a while.</summary>
    /// <param name="repetitions">How often it is done.</param>
    /// <param name="seconds">When to stop at the latest, but for three repetitions that are always made.</param>
    /// <param name="what">What is done.</param>
    /// <param name="before">Done before each, and not measured.</param>
    public double Measure(int repetitions, double seconds, Action what, Action? before = null) => Measure(repetitions, seconds, () =>
    {
        before?.Invoke();
        long start = time.GetTimestamp();
        what();
        return time.GetElapsedTime(start).TotalSeconds;
    });

    /// <summary>The same for something that says itself how long it took.</summary>
    public double Measure(int repetitions, double seconds, Func<double> once)
    {
        const int Least = 3;
        long warmUp = time.GetTimestamp();
        for (int i = 0; i < MostWarmUps && time.GetElapsedTime(warmUp).TotalSeconds < WarmUpSeconds; i++)
            once();
        long beginning = time.GetTimestamp();
        var taken = new List<double>(repetitions);
        while (taken.Count < repetitions && (taken.Count < Least || time.GetElapsedTime(beginning).TotalSeconds < seconds))
            taken.Add(once());
        return Of(taken, second => second);
    }

    /// <summary>The one at the end of the fastest tenth.</summary>
    public static T Of<T>(IReadOnlyCollection<T> samples, Func<T, double> seconds) => samples.OrderBy(seconds).ElementAt((samples.Count - 1) / Part);
}
