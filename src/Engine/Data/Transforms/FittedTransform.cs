namespace Lockstep.Engine.Data.Transforms;

/// <summary>A transform with its numbers: what is done to one sample in place.</summary>
internal abstract unsafe class FittedTransform
{
    /// <summary>The statistics by their short names; none where the transform needs none.</summary>
    public virtual IReadOnlyList<(string Name, float[] Values)> Statistics => [];

    public abstract void Apply(float* sample, int length);
}

internal sealed unsafe class FittedScale(float factor) : FittedTransform
{
    public override void Apply(float* sample, int length)
    {
        for (int i = 0; i < length; i++)
            sample[i] *= factor;
    }
}

/// <summary>Element i is in group ⌊i/(length/groups)⌋: one group a pixel, or one a channel.</summary>
internal sealed unsafe class FittedSubtractMean(float[] mean) : FittedTransform
{
    public const string Mean = "mean";

    public override IReadOnlyList<(string Name, float[] Values)> Statistics => [(Mean, mean)];

    public override void Apply(float* sample, int length)
    {
        int span = length / mean.Length;
        for (int group = 0; group < mean.Length; group++)
        {
            float* part = sample + group * span;
            for (int i = 0; i < span; i++)
                part[i] -= mean[group];
        }
    }
}

internal sealed unsafe class FittedStandardize(float[] mean, float[] deviation) : FittedTransform
{
    public const string Mean = "mean";
    public const string Deviation = "deviation";

    public override IReadOnlyList<(string Name, float[] Values)> Statistics => [(Mean, mean), (Deviation, deviation)];

    public override void Apply(float* sample, int length)
    {
        for (int i = 0; i < length; i++)
            sample[i] = (sample[i] - mean[i]) / deviation[i];
    }
}
