using Lockstep.Engine.Layers;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Models;

/// <summary>Which layers of a network are asked how they fare, and which slots behind those of <see cref="StepSums"/> are theirs.</summary>
public sealed class DiagnosticSlots
{
    /// <summary>The most slots that fit into one message to the parameter server, with room for metrics.</summary>
    public const int Maximum = 1 << 16;

    private readonly List<(Layer Layer, IDiagnosed Diagnosed, int First)> _entries = [];

    /// <param name="network">The network.</param>
    /// <param name="kinds">What is asked.</param>
    /// <exception cref="ArgumentException">There would be too many slots.</exception>
    public DiagnosticSlots(Network network, IReadOnlyList<DiagnosticKind> kinds)
    {
        foreach (Layer layer in network.Layers)
        {
            if (layer is not IDiagnosed diagnosed || !kinds.Contains(diagnosed.Diagnostic))
                continue;
            _entries.Add((layer, diagnosed, Length));
            Length = checked(Length + diagnosed.DiagnosticSlots);
        }
        if (Length > Maximum)
            throw new ArgumentException($"The layers would be watched in {Length} places, and {Maximum} is the most. Show less of them.", nameof(kinds));
    }

    /// <summary>For those who ask nothing.</summary>
    public static DiagnosticSlots None { get; } = new();

    private DiagnosticSlots()
    {
    }

    /// <summary>How many slots.</summary>
    public int Length { get; }

    /// <summary>The layers that are asked, each with its first slot.</summary>
    internal IReadOnlyList<(Layer Layer, IDiagnosed Diagnosed, int First)> Entries => _entries;

    /// <summary>What the sums over a minibatch say, as <c>kind/layer/value</c>.</summary>
    /// <param name="sums">These slots alone.</param>
    /// <param name="divisor">What the minibatch's gradient is divided by.</param>
    public IReadOnlyList<(string Name, double Value)> Values(ReadOnlySpan<double> sums, long divisor)
    {
        var values = new List<(string, double)>();
        foreach ((Layer layer, IDiagnosed diagnosed, int first) in _entries)
        {
            foreach ((string name, double value) in diagnosed.DiagnosticValues(sums.Slice(first, diagnosed.DiagnosticSlots), divisor))
                values.Add(($"{NameOf(diagnosed.Diagnostic)}/{layer.Name}/{name}", value));
        }
        return values;
    }

    /// <summary>The name that job files and reports use.</summary>
    public static string NameOf(DiagnosticKind kind) => kind switch
    {
        DiagnosticKind.GradientNorms => "gradientNorms",
        DiagnosticKind.UpdateRatios => "updateRatios",
        DiagnosticKind.DeadRelus => "deadRelus",
        _ => "gradientByTime",
    };
}
