using Lockstep.Cli.Exits;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Models;

namespace Lockstep.Cli.Inspection;

/// <summary>A layer as the command line names it.</summary>
internal static class LayerChoice
{
    /// <summary>The layer of a name of its own or an index from 0.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static Layer Of(Network network, string choice) =>
        network.Layers.FirstOrDefault(layer => layer.Name == choice)
        ?? network.Layers.FirstOrDefault(layer => layer.Index.ToString(System.Globalization.CultureInfo.InvariantCulture) == choice)
        ?? throw new InputException($"--layer {choice}: the model has no such layer. It has: {string.Join(", ", network.Layers)}.");
}
