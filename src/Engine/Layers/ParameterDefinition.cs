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
    string Name, IReadOnlyList<int> Shape, bool IsBias, InitializerSpec? Initializer, int FanIn, int FanOut);
