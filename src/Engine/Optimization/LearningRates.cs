using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>The learning rate of every step, in float64; it is rounded once, where a parameter takes it.</summary>
internal static class LearningRates
{
    /// <param name="rate">The rate before the schedule.</param>
    /// <param name="schedule">Null where the rate is constant.</param>
    /// <param name="step">Step from 0.</param>
    public static double At(double rate, ScheduleSpec? schedule, long step) => schedule switch
    {
        null => rate,
        StepSchedule steps => rate * Power(steps.Factor, step / steps.EverySteps),
        _ => throw new NotSupportedException($"There is no schedule {schedule.GetType().Name}."),
    };

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
