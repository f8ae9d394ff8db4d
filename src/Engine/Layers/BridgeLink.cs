using System.Globalization;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>How one first state of a decoder comes from an encoder: as it is, or through a dense map where the widths differ.</summary>
internal sealed class BridgeLink
{
    /// <summary>Whether it is made of the encoder's features; else of one of its states.</summary>
    public bool IsOfFeatures { get; private init; }

    public int FromLayer { get; private init; }

    public int FromState { get; private init; }

    public int FromWidth { get; private init; }

    public int ToLayer { get; private init; }

    public int ToState { get; private init; }

    public int ToWidth { get; private init; }

    /// <summary>Whether no link before it in the list has the same source.</summary>
    public bool IsFirstOfSource { get; private init; }

    /// <summary>y = x·Wᵀ + b; null where the numbers are handed on as they are.</summary>
    public DenseLayer? Map { get; private init; }

    /// <summary>The map's, by the name of the state that it makes.</summary>
    public IReadOnlyList<ParameterDefinition> Parameters { get; private init; } = [];

    /// <summary>The links to every state of a decoder's layer that has a source, in the order of its states.</summary>
    /// <exception cref="ShapeException">The encoder's last layer has neither states nor features.</exception>
    public static IEnumerable<BridgeLink> Between(Layer bridge, Layer encoder, Layer decoder)
    {
        if (encoder.States.Count == 0 && encoder.Output.Rank != 1)
            throw new ShapeException(bridge.ToString(), "what the encoder gives", "the states of a recurrent layer, or features [D]", $"{encoder.Output} of {encoder}", "End the encoder with rnn, lstm, gru, lastStep or flatten.");
        int fromLevels = Levels(encoder), toLevels = Levels(decoder);
        var sources = new HashSet<int>();
        for (int to = 0; to < decoder.States.Count; to++)
        {
            (string kind, int level) = Parse(decoder.States[to].Name);
            int from = 0;
            if (encoder.States.Count > 0)
                from = IndexOf(encoder, kind, Math.Min(level + Math.Max(0, fromLevels - toLevels), fromLevels - 1));
            else if (kind != "h")
                from = -1;
            if (from < 0)
                continue;
            int fromWidth = encoder.States.Count > 0 ? encoder.States[from].Width : encoder.Output.Length, toWidth = decoder.States[to].Width;
            DenseLayer? map = fromWidth == toWidth ? null : new DenseLayer(bridge.Index, "bridge", new DenseSpec(toWidth), new Shape(fromWidth));
            yield return new BridgeLink
            {
                IsOfFeatures = encoder.States.Count == 0,
                FromLayer = encoder.Index,
                FromState = from,
                FromWidth = fromWidth,
                ToLayer = decoder.Index,
                ToState = to,
                ToWidth = toWidth,
                IsFirstOfSource = sources.Add(from),
                Map = map,
                Parameters = [.. (map?.Parameters ?? []).Select(parameter => parameter with { Name = $"{decoder.States[to].Name}.{parameter.Name}" })],
            };
        }
    }

    private static int Levels(Layer layer) => layer.States.Count == 0 ? 0 : 1 + layer.States.Max(state => Parse(state.Name).Level);

    private static int IndexOf(Layer layer, string kind, int level)
    {
        for (int i = 0; i < layer.States.Count; i++)
        {
            if (Parse(layer.States[i].Name) == (kind, level))
                return i;
        }
        return -1;
    }

    // States are called h_l0, c_l0, h_l1, …
    private static (string Kind, int Level) Parse(string state)
    {
        int at = state.LastIndexOf("_l", StringComparison.Ordinal);
        return (state[..at], int.Parse(state.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
