using System.Numerics;

namespace Lockstep.Engine.Data.Transforms;

/// <summary>
/// A transform with its numbers: what is done to one sample, in place unless it is a <see cref="ReshapingTransform"/>. Each element is computed by
/// itself with exactly rounded operations, so that the width of the vectors changes no bit.
/// </summary>
internal abstract unsafe class FittedTransform
{
    /// <summary>The statistics by their short names; none where the transform needs none.</summary>
    public virtual IReadOnlyList<(string Name, float[] Values)> Statistics => [];

    public abstract void Apply(float* sample, int length, in SampleVisit visit);
}

/// <summary>A transform whose output has another shape, or cannot be written over its input.</summary>
internal abstract unsafe class ReshapingTransform(IReadOnlyList<int> outputShape) : FittedTransform
{
    public IReadOnlyList<int> OutputShape => outputShape;

    /// <summary>How many numbers an output has.</summary>
    public int OutputLength { get; } = outputShape.Aggregate(1, (product, axis) => checked(product * axis));

    /// <summary>Writes the transformed sample to memory of its own.</summary>
    public abstract void Write(float* sample, float* output, in SampleVisit visit);

    public sealed override void Apply(float* sample, int length, in SampleVisit visit) =>
        throw new InvalidOperationException($"{GetType().Name} does not work in place.");
}

internal sealed unsafe class FittedScale(float factor) : FittedTransform
{
    public override void Apply(float* sample, int length, in SampleVisit visit)
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            (Vector.Load(sample + i) * factor).Store(sample + i);
        for (; i < length; i++)
            sample[i] *= factor;
    }
}

/// <summary>Element i is in group ⌊i/(length/groups)⌋: one group a pixel, or one a channel.</summary>
internal sealed unsafe class FittedSubtractMean(float[] mean) : FittedTransform
{
    public const string Mean = "mean";

    public override IReadOnlyList<(string Name, float[] Values)> Statistics => [(Mean, mean)];

    public override void Apply(float* sample, int length, in SampleVisit visit)
    {
        int span = length / mean.Length;
        if (span == 1)
        {
            SubtractEach(sample);
            return;
        }
        for (int group = 0; group < mean.Length; group++)
        {
            float* part = sample + group * span;
            for (int i = 0; i < span; i++)
                part[i] -= mean[group];
        }
    }

    private void SubtractEach(float* sample)
    {
        int i = 0;
        for (; i <= mean.Length - Vector<float>.Count; i += Vector<float>.Count)
            (Vector.Load(sample + i) - new Vector<float>(mean, i)).Store(sample + i);
        for (; i < mean.Length; i++)
            sample[i] -= mean[i];
    }
}

internal sealed unsafe class FittedStandardize(float[] mean, float[] deviation) : FittedTransform
{
    public const string Mean = "mean";
    public const string Deviation = "deviation";

    public override IReadOnlyList<(string Name, float[] Values)> Statistics => [(Mean, mean), (Deviation, deviation)];

    public override void Apply(float* sample, int length, in SampleVisit visit)
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            ((Vector.Load(sample + i) - new Vector<float>(mean, i)) / new Vector<float>(deviation, i)).Store(sample + i);
        for (; i < length; i++)
            sample[i] = (sample[i] - mean[i]) / deviation[i];
    }
}
