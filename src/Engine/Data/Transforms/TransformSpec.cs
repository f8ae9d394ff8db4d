namespace Lockstep.Engine.Data.Transforms;

/// <summary>What is done to every input before the network sees it. One record per kind of transform.</summary>
public abstract record TransformSpec;

/// <summary>x·factor.</summary>
public sealed record ScaleTransform(float Factor) : TransformSpec;

/// <summary>x − mean over the training part.</summary>
public sealed record SubtractMeanTransform(MeanKind Kind) : TransformSpec;

/// <summary>
/// (x − mean)/deviation for each element of the input, where the deviation is √(Σ(x − mean)²/n) over the training
/// part; an element that never changes is divided by 1.
/// </summary>
public sealed record StandardizeTransform : TransformSpec;

/// <summary>Over what a mean is taken.</summary>
public enum MeanKind
{
    /// <summary>One mean for each element of the input.</summary>
    PerPixel = 0,

    /// <summary>One mean for each channel of an image [C, H, W].</summary>
    PerChannel = 1,
}
