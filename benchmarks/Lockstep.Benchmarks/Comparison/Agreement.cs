namespace Lockstep.Benchmarks.Comparison;

/// <summary>Whether two parties did the same work, by the losses of their first steps.</summary>
internal static class Agreement
{
    /// <summary>How far two losses may be apart, relative to the larger: both compute in float32, in different orders.</summary>
    public const double Tolerance = 1e-4;

    /// <exception cref="InvalidOperationException">Some loss is not close to the other's.</exception>
    public static void RequireClose(string workload, string party, IReadOnlyList<double> mine, string other, IReadOnlyList<double> theirs)
    {
        for (int step = 0; step < Math.Min(mine.Count, theirs.Count); step++)
        {
            if (!(Math.Abs(mine[step] - theirs[step]) <= Tolerance * Math.Max(Math.Abs(mine[step]), Math.Abs(theirs[step]))))
                throw new InvalidOperationException($"{workload}: the parties did not do the same work: the loss of step {step} is {mine[step]:R} for {party} and {theirs[step]:R} for {other}.");
        }
    }

    /// <exception cref="InvalidOperationException">Some bit is another: the one promise is broken.</exception>
    public static void RequireSameBits(string workload, string party, IReadOnlyList<double> mine, IReadOnlyList<double> before)
    {
        for (int step = 0; step < Math.Min(mine.Count, before.Count); step++)
        {
            if (mine[step] != before[step])
                throw new InvalidOperationException($"{workload}: the loss of step {step} is {mine[step]:R} for {party}, and was {before[step]:R} in another turn.");
        }
    }
}
