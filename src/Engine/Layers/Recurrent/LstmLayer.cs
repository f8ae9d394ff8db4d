using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>
/// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gates of Gers, Schmidhuber and Cummins 2000), gates in the order i, f, g, o:
/// i, f, o = σ(W·x(t) + b + U·h(t−1)), g = tanh of the like; c(t) = f·c(t−1) + i·g; h(t) = o·tanh c(t). x [N, T, D], h and c [N, T, H].
/// </summary>
/// <remarks>
/// Peepholes (Gers and Schmidhuber 2000) add p·c(t−1) inside i and f, and p·c(t) inside o: p [H] for each gate's own cell (rounded once with the sum), or
/// P [H, H] for all cells (a product, then added). Coupled: i = 1 − f, and the gates are f, g, o; there is no peephole for i then.
/// The new cell is fl(f·c(t−1) + fl(i·g)).
/// </remarks>
public sealed class LstmLayer : RecurrentLayer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Units, levels, peepholes, and whether i and f are coupled.</param>
    /// <param name="input">[T, D].</param>
    /// <exception cref="ShapeException">The input has other axes, or there would be no unit or no level.</exception>
    public LstmLayer(int index, LstmSpec spec, Shape input)
        : base(index, "lstm", spec, input, spec.Coupled ? 3 : 4, ["h", "c"])
    {
    }

    private protected override IEnumerable<ParameterDefinition> MoreParameters(int level)
    {
        var spec = (LstmSpec)Spec;
        if (spec.Peephole == PeepholeKind.None)
            return [];
        string[] gates = spec.Coupled ? ["f", "o"] : ["i", "f", "o"];
        return gates.Select(gate => spec.Peephole == PeepholeKind.Full
            ? Weight($"peephole_{gate}", level, Units, Units)
            : Weight($"peephole_{gate}", level, Units) with { FanIn = 1, FanOut = 1 });
    }

    private protected override RecurrentLevel CreateLevel(int level, IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new LstmLevel(this, level, parameters, maximumSamples, (LstmSpec)Spec);
}
