namespace Lockstep.Engine.Layers;

/// <summary>One node of the sum tree within a pass: where its samples lie, and where its gradient goes.</summary>
public readonly unsafe ref struct NodeRun
{
    internal NodeRun(int firstSample, int firstPosition, ReadOnlySpan<int> leafBounds, float* gradient, WrittenRows? written)
    {
        FirstSample = firstSample;
        FirstPosition = firstPosition;
        LeafBounds = leafBounds;
        Gradient = gradient;
        Written = written;
    }

    /// <summary>The pass's sample that is the node's first.</summary>
    public int FirstSample { get; }

    /// <summary>The place in the minibatch of the node's first sample: its lane, where lanes are carried on.</summary>
    public int FirstPosition { get; }

    /// <summary>Leaf i holds the node's samples from <c>LeafBounds[i]</c> up to <c>LeafBounds[i + 1]</c>, counted from its first; perhaps none.</summary>
    public ReadOnlySpan<int> LeafBounds { get; }

    /// <summary>The flat buffer that receives the node's undivided gradient sum; null where the pass has no backward half.</summary>
    public float* Gradient { get; }

    /// <summary>What passes have left in that buffer; null where others write to it too.</summary>
    public WrittenRows? Written { get; }

    /// <summary>How many samples the node has.</summary>
    public int Samples => LeafBounds[^1];
}
