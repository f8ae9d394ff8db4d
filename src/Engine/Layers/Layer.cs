using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers;

/// <summary>
/// A forward and backward pair. The layer itself is a pure description and is shared; what a forward pass keeps for its
/// backward pass lies in a <see cref="LayerContext"/> that each replica has of its own.
/// </summary>
/// <remarks>
/// Inputs and outputs are [N, …] in row-major order with N = <see cref="Pass.Samples"/>, samples of the pass's nodes one
/// after the other. Features have one axis [D], sequences two [T, D], images three [C, H, W]; tokens are sequences of whole numbers [T].
/// A pass over a window of its sequences has fewer steps than the shape says: <see cref="Pass.LengthOf"/>. A number of the output or of the input gradient must depend on its own sample alone (or, for
/// statistics of a leaf, on its own leaf), and a parameter's gradient must be summed leaf by leaf as the tree says:
/// then no result depends on which nodes are computed together.
/// </remarks>
public abstract unsafe class Layer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="name">Its own name, or null to go by its index.</param>
    /// <param name="kind">What it is, as job files call it.</param>
    /// <param name="input">Shape of a sample that comes in.</param>
    /// <param name="output">Shape of a sample that goes out.</param>
    protected Layer(int index, string? name, string kind, Shape input, Shape output)
    {
        Index = index;
        Name = name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Kind = kind;
        Input = input;
        Output = output;
    }

    /// <summary>Place in the network from 0.</summary>
    public int Index { get; }

    /// <summary>What its parameters' names begin with.</summary>
    public string Name { get; }

    /// <summary>What it is, as job files call it.</summary>
    public string Kind { get; }

    /// <summary>Shape of a sample that comes in.</summary>
    public Shape Input { get; }

    /// <summary>Shape of a sample that goes out.</summary>
    public Shape Output { get; }

    /// <summary>The parameters that it asks for, in the order of the flat buffer.</summary>
    public virtual IReadOnlyList<ParameterDefinition> Parameters => [];

    /// <summary>The states that it carries from step to step, where it is recurrent.</summary>
    public virtual IReadOnlyList<StateDefinition> States => [];

    /// <summary>
    /// Whether step t of its output belongs to step t of its input and to those before it alone, so that a pass may see a window of the
    /// sequences, and a mask of the input's steps is one of the output's.
    /// </summary>
    public virtual bool KeepsSteps => false;

    /// <summary>Whether the steps of its input are those of the network's, so that <see cref="Pass.InputMask"/> is about them.</summary>
    public bool FollowsInput { get; internal set; }

    /// <summary>Whether updates leave its parameters alone, so that their gradients need not be computed.</summary>
    public virtual bool Frozen => false;

    /// <summary>What the learning rate is multiplied by for its parameters.</summary>
    public virtual float LearningRateFactor => 1;

    /// <summary>Whether the output is the input, number for number, so that neither pass has anything to compute.</summary>
    public virtual bool PassesThrough => false;

    /// <summary>Whether the layer's output may lie where its input did, and its input's gradient where its output's did: each number comes from the one in its place alone.</summary>
    public virtual bool WorksInPlace => false;

    /// <summary>Whether its output is still looked at once the layer after it has had it: by its own backward pass, or by whoever asks how it fares.</summary>
    public virtual bool KeepsOutput => true;

    /// <summary>Makes the memory that a replica's passes keep for this layer.</summary>
    /// <param name="parameters">Where its parameters lie, in the order of <see cref="Parameters"/>.</param>
    /// <param name="maximumSamples">The most samples that a pass may have.</param>
    public virtual LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) => LayerContext.Empty;

    /// <summary>Computes the output of all samples of the pass.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="context">This layer's memory.</param>
    /// <param name="input">[N, input shape].</param>
    /// <param name="output">[N, output shape], written; the input itself where the layer works in place and that is not kept.</param>
    public abstract void Forward(Pass pass, LayerContext context, float* input, float* output);

    /// <summary>Computes gradients after <see cref="Forward"/> of the same pass.</summary>
    /// <param name="pass">What the pass is about; its nodes say where parameter gradients go.</param>
    /// <param name="context">This layer's memory.</param>
    /// <param name="input">What <see cref="Forward"/> was given; the output where it worked in place.</param>
    /// <param name="output">What <see cref="Forward"/> wrote; what the layer after made of it where <see cref="KeepsOutput"/> is false.</param>
    /// <param name="outputGradient">∂L/∂output, [N, output shape], undivided; may be overwritten.</param>
    /// <param name="inputGradient">∂L/∂input, [N, input shape], written; null where nobody needs it, <paramref name="outputGradient"/> where the layer works in place.</param>
    public abstract void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient);

    public override string ToString() => $"{Name} ({Kind})";
}
