using System.Globalization;
using Lockstep.Chaos.Faults;

namespace Lockstep.Chaos.Hooks;

/// <summary>What a worker is told to do to itself, as text: <c>throw:STEP:LAYER:LEAF</c> or <c>non-finite:STEP:LAYER:LEAF</c>.</summary>
/// <param name="Kind"><see cref="FaultKind.Throw"/> or <see cref="FaultKind.NonFinite"/>.</param>
/// <param name="Step">The first step at which it may happen.</param>
/// <param name="Layer">The layer's index.</param>
/// <param name="Leaf">Which of the worker's leaves, counted round.</param>
public sealed record InjectedFaultText(FaultKind Kind, long Step, int Layer, int Leaf)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static InjectedFaultText Parse(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length == 4
            && FaultCatalogue.Find(parts[0]) is { } kind && FaultCatalogue.IsInjected(kind)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int layer)
            && int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out int leaf))
            return new InjectedFaultText(kind, step, layer, leaf);
        throw new FormatException($"'{text}' is no fault that a worker makes: throw:STEP:LAYER:LEAF or non-finite:STEP:LAYER:LEAF.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{FaultCatalogue.NameOf(Kind)}:{Step}:{Layer}:{Leaf}");
}
