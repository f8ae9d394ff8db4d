using Lockstep.Engine.Parameters;
using Lockstep.Engine.Trees;

namespace Lockstep.WorkerNode.Computing;

/// <summary>What a worker does wrong on purpose.</summary>
public enum InjectedFaultKind
{
    /// <summary>Its computation throws before a layer's forward pass.</summary>
    Throws = 0,

    /// <summary>A number of the layer's gradient is NaN.</summary>
    MakesNaN = 1,
}

/// <summary>A worker was told to throw.</summary>
public sealed class InjectedFaultException(string message) : Exception(message);

/// <summary>
/// One fault that a worker makes once, at the first step from <see cref="Step"/> on that it has leaves of. It is asked once for each
/// assignment, not in the passes.
/// </summary>
/// <param name="Kind">What it does.</param>
/// <param name="Step">The first step at which it may happen.</param>
/// <param name="Layer">The layer's index.</param>
/// <param name="Leaf">Which of the leaves that it is given, counted round.</param>
/// <param name="Tell">Told in words as it happens.</param>
public sealed record InjectedFault(InjectedFaultKind Kind, long Step, int Layer, int Leaf, Action<string> Tell)
{
    private bool _made;

    /// <summary>Whether it happens in this assignment; true once.</summary>
    internal bool HappensAt(long step, IReadOnlyList<TreeNode> nodes)
    {
        if (_made || step < Step || nodes.Count == 0)
            return false;
        return _made = true;
    }

    /// <summary>The leaf that it names, of those that are computed, and the number of the node that has it.</summary>
    internal (int Leaf, int Node) Place(IReadOnlyList<TreeNode> nodes)
    {
        int left = Leaf % nodes.Sum(node => node.Count);
        for (int node = 0; ; node++)
        {
            if (left < nodes[node].Count)
                return (nodes[node].Start + left, node);
            left -= nodes[node].Count;
        }
    }

    /// <summary>The number of the gradient that becomes NaN: the first of the layer's parameters, or where it has none that trains, of the first that does.</summary>
    internal static ParameterView Victim(ParameterLayout layout, int layer) =>
        layout.Trained.FirstOrDefault(parameter => parameter.Layer == layer) ?? layout.Trained.First();
}
