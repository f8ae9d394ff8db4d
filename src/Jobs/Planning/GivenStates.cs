using System.Globalization;
using Lockstep.Engine.Data;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Models;

namespace Lockstep.Jobs.Planning;

/// <summary>Where the states that samples bring along lie among those of a network: <c>LAYER.h0_lLEVEL</c> is the layer's state <c>h_lLEVEL</c>.</summary>
internal sealed unsafe class GivenStates
{
    private readonly int[] _offsets;
    private readonly int _width;

    /// <exception cref="DataException">A state is none of the network's, or has another length.</exception>
    public GivenStates(Network network, DataSet data)
    {
        _width = network.StateWidth;
        _offsets = new int[data.InitialStates.Count];
        for (int i = 0; i < _offsets.Length; i++)
            _offsets[i] = OffsetOf(network, data, i);
    }

    /// <summary>Whether samples bring any along.</summary>
    public bool Any => _offsets.Length > 0;

    /// <summary>Writes one sample's states, +0 for those that it does not bring.</summary>
    /// <param name="data">The samples.</param>
    /// <param name="sample">Which.</param>
    /// <param name="destination">[<see cref="Network.StateWidth"/>].</param>
    public void Copy(DataSet data, int sample, float* destination)
    {
        new Span<float>(destination, _width).Clear();
        for (int i = 0; i < _offsets.Length; i++)
            data.CopyInitialState(sample, i, destination + _offsets[i]);
    }

    private static int OffsetOf(Network network, DataSet data, int index)
    {
        string name = data.InitialStates[index];
        int offset = 0;
        var known = new List<string>();
        foreach (Layer layer in network.Layers)
        {
            foreach (StateDefinition state in layer.States)
            {
                string given = state.Name.Insert(1, "0");
                if (name == $"{layer.Name}.{given}" || name == string.Create(CultureInfo.InvariantCulture, $"{layer.Index}.{given}"))
                {
                    return data.InitialStateLength(index) == state.Width
                        ? offset
                        : throw new DataException(data.Name, $"Its initial state {name} has {data.InitialStateLength(index)} numbers a sample, where the layer has {state.Width}.", "Give states of the layer's size.");
                }
                known.Add($"{layer.Name}.{given}");
                offset += state.Width;
            }
        }
        throw new DataException(data.Name, $"It has an initial state {name}, which the model has not.", known.Count == 0 ? "The model has no recurrent layer: leave it out." : $"The model's are {string.Join(", ", known)}.");
    }
}
