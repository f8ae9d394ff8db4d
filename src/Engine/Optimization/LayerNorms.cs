using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Optimization;

/// <summary>Sums of squares by layer, of what is trained, block by block: for reports, not for the update.</summary>
public sealed unsafe class LayerNorms
{
    private readonly BlockSegment[][] _segments;
    private readonly int[] _places;

    /// <param name="network">Whose layers are told apart.</param>
    public LayerNorms(Network network)
    {
        _segments = BlockSegment.CutAll(network.Layout);
        int[] layers = [.. network.Layout.Trained.Where(parameter => !parameter.Frozen).Select(parameter => parameter.Layer).Distinct()];
        Layers = [.. layers.Select(layer => network.Layers[layer].Name)];
        _places = [.. Enumerable.Range(0, network.Layers.Count).Select(layer => Array.IndexOf(layers, layer))];
    }

    /// <summary>The names of the layers that train, in their order; every sum has a place for each.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>squares[layer] += Σ x² over the layer's part of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="numbers">The block's numbers.</param>
    /// <param name="squares">A sum a layer.</param>
    public void AddSquares(ParameterBlock block, float* numbers, Span<double> squares)
    {
        foreach (BlockSegment segment in _segments[block.Index])
        {
            if (PlaceOf(segment) is { } place)
                squares[place] += VectorMath.SumOfSquares(numbers + segment.Start, segment.Length);
        }
    }

    /// <summary>squares[layer] += Σ (x − y)² over the layer's part of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="x">The block's numbers.</param>
    /// <param name="y">The block's other numbers.</param>
    /// <param name="squares">A sum a layer.</param>
    public void AddSquaredDistances(ParameterBlock block, float* x, float* y, Span<double> squares)
    {
        foreach (BlockSegment segment in _segments[block.Index])
        {
            if (PlaceOf(segment) is not { } place)
                continue;
            double sum = 0;
            for (int i = segment.Start; i < segment.Start + segment.Length; i++)
                sum += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
            squares[place] += sum;
        }
    }

    private int? PlaceOf(BlockSegment segment) =>
        segment.Parameter is { Role: ParameterRole.Trained, Frozen: false } parameter ? _places[parameter.Layer] : null;
}
