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

/// <summary>
/// Principal components with variance 1: y_k = v_k·(x − mean)/√(λ_k + ε), with the eigenvalues λ₁ ≥ λ₂ ≥ … of the covariance of the training part and their
/// eigenvectors v_k, of which the element of the largest magnitude (the first of equal ones) is positive. The output has the shape [components].
/// </summary>
/// <param name="Components">How many of them, the largest first; at most as many as the input has elements.</param>
/// <param name="Epsilon">ε, at least 0; a component with λ + ε = 0 is 0.</param>
public sealed record WhitenTransform(int Components, double Epsilon) : TransformSpec;

/// <summary>
/// A square of an image [C, H, W] with zeros around it, at a place drawn for every reading of a training sample; in evaluation the centre. The output is
/// [C, size, size].
/// </summary>
/// <param name="Size">Its side.</param>
/// <param name="Padding">Zeros on each side of the image.</param>
public sealed record RandomCropTransform(int Size, int Padding = 0) : TransformSpec;

/// <summary>An image [C, H, W] turned left to right, for every reading of a training sample with probability ½; never in evaluation.</summary>
public sealed record RandomFlipTransform : TransformSpec;

/// <summary>Tokens [T] as vectors [T, size] with a 1 at the token's place.</summary>
/// <param name="Size">How many places; null for the vocabulary's size.</param>
public sealed record OneHotTransform(int? Size = null) : TransformSpec;

/// <summary>Over what a mean is taken.</summary>
public enum MeanKind
{
    /// <summary>One mean for each element of the input.</summary>
    PerPixel = 0,

    /// <summary>One mean for each channel of an image [C, H, W].</summary>
    PerChannel = 1,
}
