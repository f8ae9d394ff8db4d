using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>
/// Gated recurrent unit (Cho et al. 2014), gates in the order r, z, n: r, z = σ(W·x(t) + b + U·h(t−1)), h(t) = (1 − z)·n + z·h(t−1), and
/// n = tanh(W·x + b + U·(r·h(t−1))), or with the reset after the product n = tanh(W·x + b + r·(U·h(t−1) + bias_hn)). x [N, T, D], h [N, T, H].
/// </summary>
/// <remarks>The new state is fl(z·h(t−1) + fl((1 − z)·n)); the reset after the product is fl(r·(U·h + bias_hn) + (W·x + b)).</remarks>
public sealed class GruLayer : RecurrentLayer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Units, levels, and where the reset gate acts.</param>
    /// <param name="input">[T, D].</param>
    /// <exception cref="ShapeException">The input has other axes, or there would be no unit or no level.</exception>
    public GruLayer(int index, GruSpec spec, Shape input)
        : base(index, "gru", spec, input, 3, ["h"])
    {
    }

    private protected override IEnumerable<ParameterDefinition> MoreParameters(int level) =>
        ((GruSpec)Spec).ResetAfter ? [BiasOf("bias_hn", level, Units)] : [];

    private protected override RecurrentLevel CreateLevel(int level, IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new GruLevel(this, level, parameters, maximumSamples, ((GruSpec)Spec).ResetAfter);
}
