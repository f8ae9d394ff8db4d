using Lockstep.Engine.Layers;

namespace Lockstep.Engine.Models;

/// <summary>Samples and what they should give. Memory belongs to the caller and must stay until the call returns.</summary>
public readonly unsafe struct Batch
{
    /// <summary>[N, input shape]; of sequences in a window [N, window's steps, …].</summary>
    public float* Inputs { get; init; }

    /// <summary>N.</summary>
    public int Count { get; init; }

    /// <summary>Targets [N, output shape] of a loss on values; else null. Of sequences in a window only its steps.</summary>
    public float* Values { get; init; }

    /// <summary>Targets of a loss on classes, each from 0: [N], or [N, U] where the output is a sequence of U steps; else null.</summary>
    public int* Classes { get; init; }

    /// <summary>[N]: each sample's number in the data set, by which random streams are keyed; null where no layer asks.</summary>
    public int* SampleIds { get; init; }

    /// <summary>[N, T]: 1 for steps of the input that are there, 0 for padding; null where all are.</summary>
    public float* InputMask { get; init; }

    /// <summary>[N, U]: 1 for steps of the output that count, 0 for others; null where all do.</summary>
    public float* TargetMask { get; init; }

    /// <summary>What a decoder reads under teacher forcing, [N, U] tokens or [N, U, D] values; null where the network has none.</summary>
    public float* Teacher { get; init; }

    /// <summary>Numbers of one sample of <see cref="Teacher"/>.</summary>
    public int TeacherLength { get; init; }

    /// <summary>The states before the first step, [N, <see cref="Network.StateWidth"/>], one layer's after the other's; null for +0.</summary>
    public float* InitialStates { get; init; }

    /// <summary>Which stretch of the sequences this is; null for whole sequences, which begin anew.</summary>
    public SequenceWindow? Window { get; init; }

    /// <summary>Where in the training these samples are used.</summary>
    public PassPosition Position { get; init; }

    /// <summary>Some of the samples.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="network">Whose batch it is.</param>
    internal Batch Slice(int first, int count, Network network)
    {
        int steps = Window?.Steps ?? 0;
        int LengthOf(Shape shape) => steps == 0 ? shape.Length : shape.Length / shape[0] * steps;
        int inputSteps = network.Input.Rank == 0 ? 1 : steps == 0 ? network.Input[0] : steps;
        int outputSteps = network.Output.Rank != 2 ? 1 : steps == 0 ? network.Output[0] : steps;
        return this with
        {
            Inputs = Inputs + ((long)first * LengthOf(network.Input)),
            Count = count,
            Values = Values is null ? null : Values + ((long)first * LengthOf(network.Output)),
            Classes = Classes is null ? null : Classes + ((long)first * outputSteps),
            SampleIds = SampleIds is null ? null : SampleIds + first,
            InputMask = InputMask is null ? null : InputMask + ((long)first * inputSteps),
            TargetMask = TargetMask is null ? null : TargetMask + ((long)first * outputSteps),
            Teacher = Teacher is null ? null : Teacher + ((long)first * TeacherLength),
            InitialStates = InitialStates is null ? null : InitialStates + ((long)first * network.StateWidth),
        };
    }
}
