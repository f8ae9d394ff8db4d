using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

[Case("whiten", "Uncorrelated numbers with variance 1.")]
public sealed record WhitenTransform : Transform
{
    [Key("By principal components of the training part.")]
    public required PrincipalComponents Pca { get; init; }
}

public sealed record PrincipalComponents
{
    [Key("How many are kept, those that vary most."), Limits(AtLeast = 1)]
    public required int Components { get; init; }

    [Key("Added to each one's variance before it is divided by its root."), Limits(AtLeast = 0)]
    public double Epsilon { get; init; } = 1e-5;
}

[Case("randomCrop", "A square at a place drawn anew for every sample in every epoch; in evaluation the centre.")]
public sealed record RandomCropTransform : Transform
{
    [Key("Its side."), Limits(AtLeast = 1)]
    public required int Size { get; init; }

    [Key("So many zeros on each side of the image first."), Limits(AtLeast = 0, AtMost = 4096)]
    public int Padding { get; init; }
}

[Case("randomFlip", "Half of the training samples, drawn anew in every epoch, turned around.")]
public sealed record RandomFlipTransform : Transform
{
    [Key("How."), Value]
    public FlipDirection Direction { get; init; } = FlipDirection.Horizontal;
}

public enum FlipDirection
{
    Horizontal,
}

[Case("oneHot", "Tokens as vectors with a 1 at the token's place.")]
public sealed record OneHotTransform : Transform
{
    [Key("How many places; the vocabulary's size by default."), Value, Limits(AtLeast = 1, AtMost = 16777216)]
    public int? Size { get; init; }
}
