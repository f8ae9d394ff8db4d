using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>
/// A layer that can say how it fares in training. It gives numbers of each sample alone, in so many slots; they are summed as the losses are, samples in order within a leaf,
/// leaves by the tree, and the layer says what the sums mean.
/// </summary>
public unsafe interface IDiagnosed
{
    /// <summary>What it can show.</summary>
    DiagnosticKind Diagnostic { get; }

    /// <summary>Numbers of one sample.</summary>
    int DiagnosticSlots { get; }

    /// <summary>Writes each sample's numbers; called after the backward pass of all layers, of a pass with <see cref="Pass.Diagnoses"/>.</summary>
    /// <param name="pass">What the pass was about.</param>
    /// <param name="context">The layer's memory.</param>
    /// <param name="output">What the forward pass wrote, [N, output shape].</param>
    /// <param name="values">[slots, stride], of which the first N of every row are written.</param>
    /// <param name="stride">From one slot's numbers to the next's.</param>
    void Diagnose(Pass pass, LayerContext context, float* output, double* values, int stride);

    /// <summary>What the sums over a minibatch say.</summary>
    /// <param name="sums">A sum a slot.</param>
    /// <param name="divisor">What the minibatch's gradient is divided by.</param>
    /// <returns>Values by name.</returns>
    IReadOnlyList<(string Name, double Value)> DiagnosticValues(ReadOnlySpan<double> sums, long divisor);
}
