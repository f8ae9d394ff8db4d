namespace Lockstep.Engine.Models;

/// <summary>What was computed when a number first was not finite; in the order of a step.</summary>
public enum NonFiniteStage
{
    /// <summary>A parameter of the layer.</summary>
    Parameter = 0,

    /// <summary>The data.</summary>
    Input = 1,

    /// <summary>The layer's output.</summary>
    Output = 2,

    /// <summary>The loss, or its gradient.</summary>
    Loss = 3,

    /// <summary>A parameter's gradient, of one leaf.</summary>
    Gradient = 4,

    /// <summary>The gradient that the layer gives to the one before it.</summary>
    InputGradient = 5,

    /// <summary>The sum of leaves that are finite each.</summary>
    Sum = 6,
}

/// <summary>Where a number first was NaN or infinite.</summary>
/// <param name="Stage">What was computed.</param>
/// <param name="Layer">The layer's name and kind; of <see cref="NonFiniteStage.Input"/> the first layer, of <see cref="NonFiniteStage.Loss"/> the last.</param>
/// <param name="Leaf">The leaf; null where it is not of one leaf.</param>
/// <param name="Parameter">The parameter's name; null where it is none.</param>
public sealed record NonFinite(NonFiniteStage Stage, string Layer, int? Leaf, string? Parameter)
{
    public override string ToString() => Stage switch
    {
        NonFiniteStage.Parameter => $"parameter {Parameter} of layer {Layer} is not finite",
        NonFiniteStage.Input => $"the data of leaf {Leaf} is not finite",
        NonFiniteStage.Output => $"the output of layer {Layer} is not finite in leaf {Leaf}",
        NonFiniteStage.Loss => $"the loss is not finite in leaf {Leaf}, though the output of layer {Layer} is",
        NonFiniteStage.Gradient => $"the gradient of {Parameter} of layer {Layer} is not finite in leaf {Leaf}",
        NonFiniteStage.InputGradient => $"the gradient that layer {Layer} hands back is not finite in leaf {Leaf}",
        _ => $"the gradient of {Parameter} of layer {Layer} is finite in every leaf, but their sum is not",
    };
}
