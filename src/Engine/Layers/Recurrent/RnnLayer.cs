using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>h(t) = f(W·x(t) + b + U·h(t−1)), f = tanh or relu: x [N, T, D], h [N, T, H] (Elman 1990).</summary>
/// <remarks>∂L/∂a(t) = f′·∂L/∂h(t), and ∂L/∂h(t−1) gets ∂L/∂a(t)·U.</remarks>
public sealed class RnnLayer : RecurrentLayer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Units, levels and function.</param>
    /// <param name="input">[T, D].</param>
    /// <exception cref="ShapeException">The input has other axes, or there would be no unit or no level.</exception>
    public RnnLayer(int index, RnnSpec spec, Shape input)
        : base(index, "rnn", spec, input, 1, ["h"])
    {
    }

    private protected override RecurrentLevel CreateLevel(int level, IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new RnnLevel(this, level, parameters, maximumSamples, ((RnnSpec)Spec).Activation == RecurrentActivation.Relu);
}
