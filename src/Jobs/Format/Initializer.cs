using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>How a parameter's first values are drawn.</summary>
[Cases(typeof(GaussianStart), typeof(XavierStart), typeof(HeStart), typeof(UniformStart), typeof(ZerosStart), typeof(ConstantStart))]
public abstract record Initializer;

[Case("gaussian", "Normal with mean 0.")]
public sealed record GaussianStart : Initializer
{
    [Key("The standard deviation."), Value, Limits(Above = 0)]
    public required double StandardDeviation { get; init; }
}

[Case("xavier", "Uniform on ±√(6/(fanIn + fanOut)).")]
public sealed record XavierStart : Initializer;

[Case("he", "Normal with standard deviation √(2/fanIn).")]
public sealed record HeStart : Initializer;

[Case("uniform", "Uniform between minus and plus a bound.")]
public sealed record UniformStart : Initializer
{
    [Key("The bound."), Value, Limits(Above = 0)]
    public required double Bound { get; init; }
}

[Case("zeros", "All 0.")]
public sealed record ZerosStart : Initializer;

[Case("constant", "All the same.")]
public sealed record ConstantStart : Initializer
{
    [Key("The number."), Value]
    public required double Number { get; init; }
}
