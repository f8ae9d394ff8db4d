namespace Lockstep.Cli.Screen;

/// <summary>Samples a second, smoothed: a ratio of two sums that forget with time constant τ.</summary>
/// <param name="Samples">Σ samples · e^(−age/τ).</param>
/// <param name="Seconds">Σ seconds · e^(−age/τ).</param>
/// <param name="Steps">Σ 1 · e^(−age/τ).</param>
/// <remarks>The ratio of sums weighs every second alike, whereas a mean of rates would let one short step outweigh a long one.</remarks>
public readonly record struct ThroughputMeter(double Samples, double Seconds, double Steps)
{
    /// <summary>τ, 10 s: long enough to read, short enough to follow a worker that joins.</summary>
    public const double TimeConstant = 10;

    /// <summary>Samples a second; null before the first step with a duration.</summary>
    public double? SamplesPerSecond => Seconds > 0 ? Samples / Seconds : null;

    /// <summary>Seconds a step; null before the first step with a duration.</summary>
    public double? SecondsPerStep => Seconds > 0 ? Seconds / Steps : null;

    /// <summary>The meter after a step; one without a sensible duration is left out.</summary>
    public ThroughputMeter After(int samples, double seconds)
    {
        if (!(seconds > 0) || double.IsInfinity(seconds))
            return this;
        double kept = Math.Exp(-seconds / TimeConstant);
        return new ThroughputMeter((Samples * kept) + samples, (Seconds * kept) + seconds, (Steps * kept) + 1);
    }
}
