using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>What is done to every input before the first layer.</summary>
[Cases(typeof(ScaleTransform), typeof(SubtractMeanTransform), typeof(StandardizeTransform),
    typeof(WhitenTransform), typeof(RandomCropTransform), typeof(RandomFlipTransform), typeof(OneHotTransform))]
public abstract record Transform;

[Case("scale", "x times a number.")]
public sealed record ScaleTransform : Transform
{
    [Key("The number, 1/255 for instance."), Value, Limits(NotZero = true)]
    public required double Factor { get; init; }
}

[Case("subtractMean", "x minus the mean of the training part.")]
public sealed record SubtractMeanTransform : Transform
{
    [Key("What has a mean of its own."), Value]
    public MeanScope Scope { get; init; } = MeanScope.PerPixel;
}

public enum MeanScope
{
    PerPixel,
    PerChannel,
}

[Case("standardize", "x minus the mean, divided by the standard deviation of the training part.")]
public sealed record StandardizeTransform : Transform;
