using Lockstep.Engine.Functions;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>The learning rate of every step, in float64; it is rounded once, where a parameter takes it.</summary>
internal static class LearningRates
{
    /// <param name="rate">The rate before the schedule.</param>
    /// <param name="schedule">Null where the rate is constant.</param>
    /// <param name="step">Step from 0.</param>
    public static double At(double rate, ScheduleSpec? schedule, long step)
    {
        if (schedule is null)
            return rate;
        if (step < schedule.WarmUpSteps)
            return rate * ((step + 1) / (double)schedule.WarmUpSteps);
        long k = step - schedule.WarmUpSteps;
        return schedule switch
        {
            StepSchedule steps => rate * Power(steps.Factor, k / steps.EverySteps),
            ExponentialSchedule exponential => rate * ScalarMath.Pow(exponential.Factor, k / (double)exponential.EverySteps),
            CosineSchedule cosine => cosine.To + ((rate - cosine.To) * HalfWave(k, cosine.OverSteps - cosine.WarmUpSteps)),
            InverseSchedule inverse => rate / (1 + (inverse.Decay * k)),
            _ => throw new NotSupportedException($"There is no schedule {schedule.GetType().Name}."),
        };
    }

    // (1 + cos(πk/steps))/2. Whole waves are taken off first: they change nothing, and keep the angle small.
    private static double HalfWave(long k, long steps) => (1 + ScalarMath.Cos(Math.PI * (k % (2 * steps)) / steps)) / 2;

    // By repeated squaring: products are exactly rounded, and the first power is the factor itself.
    private static double Power(double factor, long exponent)
    {
        double power = 1;
        for (; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
                power *= factor;
            factor *= factor;
        }
        return power;
    }
}
