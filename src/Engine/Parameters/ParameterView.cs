namespace Lockstep.Engine.Parameters;

/// <summary>One named parameter and where it lies in the flat buffers (parameters, gradients and optimizer state alike).</summary>
/// <param name="Name">The name as files carry it: <c>layer.parameter</c>.</param>
/// <param name="Layer">Index of the layer that it belongs to.</param>
/// <param name="Shape">The shape that PyTorch uses.</param>
/// <param name="Offset">First number in the flat buffer, a multiple of <see cref="ParameterLayout.Alignment"/>.</param>
/// <param name="IsBias">Whether penalties leave it alone by default.</param>
/// <param name="Frozen">Whether updates leave it alone.</param>
/// <param name="LearningRateFactor">What the learning rate is multiplied by.</param>
/// <param name="Role">How a step changes it.</param>
/// <param name="Momentum">m of a running statistic: the share of the new one.</param>
public sealed record ParameterView(
    string Name,
    int Layer,
    IReadOnlyList<int> Shape,
    long Offset,
    bool IsBias,
    bool Frozen = false,
    float LearningRateFactor = 1,
    ParameterRole Role = ParameterRole.Trained,
    float Momentum = 0)
{
    /// <summary>How many numbers.</summary>
    public long Length { get; } = Shape.Aggregate(1L, (product, axis) => checked(product * axis));
}
