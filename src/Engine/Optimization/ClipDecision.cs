namespace Lockstep.Engine.Optimization;

/// <summary>What a step's gradient norm says must be done with every block of the gradient.</summary>
/// <param name="Norm">Global norm before clipping: √ of the sum of squares of all elements, penalties included.</param>
/// <param name="Scale">What every element is multiplied by; 1 where the norm's limit is not reached or there is none.</param>
/// <param name="Limit">Every element is then cut to ±limit; infinite where values are not clipped.</param>
public readonly record struct ClipDecision(double Norm, float Scale, float Limit)
{
    /// <summary>Whether every element of the gradient is finite; if not, there is no update.</summary>
    public bool IsFinite => double.IsFinite(Norm);

    /// <summary>Whether any element may change.</summary>
    public bool Clips => Scale != 1 || !float.IsInfinity(Limit);
}
