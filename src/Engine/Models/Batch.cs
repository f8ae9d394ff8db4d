using Lockstep.Engine.Layers;

namespace Lockstep.Engine.Models;

/// <summary>Samples and what they should give. Memory belongs to the caller and must stay until the call returns.</summary>
public readonly unsafe struct Batch
{
    /// <summary>[N, input shape].</summary>
    public float* Inputs { get; init; }

    /// <summary>N.</summary>
    public int Count { get; init; }

    /// <summary>Targets [N, output shape] of a loss on values; else null.</summary>
    public float* Values { get; init; }

    /// <summary>Targets [N] of a loss on classes, each from 0; else null.</summary>
    public int* Classes { get; init; }

    /// <summary>[N]: each sample's number in the data set, by which random streams are keyed; null where no layer asks.</summary>
    public int* SampleIds { get; init; }

    /// <summary>Where in the training these samples are used.</summary>
    public PassPosition Position { get; init; }
}
