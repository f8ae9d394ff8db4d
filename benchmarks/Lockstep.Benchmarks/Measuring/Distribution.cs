namespace Lockstep.Benchmarks.Measuring;

/// <summary>Median and quartiles of a sample, interpolated between neighbours. Nothing is assumed about its shape: step times have long tails.</summary>
internal sealed record Distribution(double LowerQuartile, double Median, double UpperQuartile)
{
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static Distribution Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("A distribution needs at least one value.", nameof(values));
        return new Distribution(Quantile(sorted, 0.25), Quantile(sorted, 0.5), Quantile(sorted, 0.75));
    }

    public override string ToString() => FormattableString.Invariant($"{Median:0.00} ({LowerQuartile:0.00}–{UpperQuartile:0.00})");

    private static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
