using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>A parameter that a layer asks for, before it has a place in the flat buffer.</summary>
/// <param name="Name">Its name within the layer, as PyTorch has it: <c>weight</c>, <c>bias</c>.</param>
/// <param name="Shape">The shape that PyTorch uses.</param>
/// <param name="IsBias">Whether penalties leave it alone by default.</param>
/// <param name="Initializer">How it starts; null for uniform ±1/√fanIn.</param>
/// <param name="FanIn">How many inputs reach one unit.</param>
/// <param name="FanOut">How many units one input reaches.</param>
public sealed record ParameterDefinition(
    string Name, IReadOnlyList<int> Shape, bool IsBias, InitializerSpec? Initializer, int FanIn, int FanOut)
{
    /// <summary>How a step changes it.</summary>
    public ParameterRole Role { get; init; }

    /// <summary>m of a running statistic: the share of the new one.</summary>
    public float Momentum { get; init; }

    /// <summary>A running statistic, which starts as one value everywhere.</summary>
    /// <param name="name">Its name within the layer.</param>
    /// <param name="length">How many numbers.</param>
    /// <param name="start">The first value of each.</param>
    /// <param name="momentum">The share of the new one in each step.</param>
    public static ParameterDefinition RunningStatistic(string name, int length, float start, float momentum) =>
        new(name, [length], false, new ConstantInitializer(start), 1, 1) { Role = ParameterRole.RunningStatistic, Momentum = momentum };

    /// <summary>State of the lanes, which starts as +0.</summary>
    /// <param name="state">The state of one lane.</param>
    /// <param name="lanes">How many lanes.</param>
    public static ParameterDefinition CarriedState(StateDefinition state, int lanes) =>
        new(state.Name, [lanes, state.Width], false, new ConstantInitializer(0), 1, 1) { Role = ParameterRole.CarriedState };
}

/// <summary>A state that a layer carries from one step of a sequence to the next.</summary>
/// <param name="Name">Its name within the layer: <c>h_l0</c>, <c>c_l0</c>.</param>
/// <param name="Width">Numbers of one sample.</param>
public sealed record StateDefinition(string Name, int Width);
