using Lockstep.Coordinator.Reduction;
using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Tests.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.Coordinator.Tests.Model;

/// <summary>Something happened that must never happen.</summary>
internal sealed class ModelViolation(string message) : Exception(message);

/// <summary>The sum of a node, with the contribution that brought each of its leaves, in the order in which they were added.</summary>
internal sealed class TracedSum(float value, IEnumerable<(int Leaf, ContributionKey From)> leaves)
{
    public float Value { get; set; } = value;

    public List<(int Leaf, ContributionKey From)> Leaves { get; } = [.. leaves];

    public int Releases { get; set; }
}

/// <summary>Adds in place like the product, and keeps the trace.</summary>
internal sealed class TracingArithmetic : ISumArithmetic<TracedSum>
{
    public TracedSum Add(TracedSum left, TracedSum right, bool isTotal)
    {
        left.Value += right.Value;
        left.Leaves.AddRange(right.Leaves);
        Release(right);
        return left;
    }

    public void Release(TracedSum sum)
    {
        if (++sum.Releases > 1)
            throw new ModelViolation("memory of a sum was given back twice");
    }
}

/// <summary>What the model trains: a number that depends on every bit of every step.</summary>
internal sealed class ModelTraining(int shards, long steps, StepChannels channels)
{
    private readonly ulong[] _alone = Alone(shards, steps, channels);

    public int Shards => shards;

    public long Steps => steps;

    public StepChannels Channels => channels;

    public static ulong First => ToyTraining.FirstModel;

    public static StepWork WorkOf(StepChannels channels, long step) =>
        channels.EvaluationMinibatches > 0 && step % 2 == 1 ? StepWork.Train | StepWork.Evaluate : StepWork.Train;

    public StepWork WorkOf(long step) => WorkOf(channels, step);

    /// <summary>The model of a lone worker after some steps.</summary>
    public ulong AloneAfter(long steps) => _alone[steps];

    public static ulong Update(ulong model, StepChannels channels, StepWork work, Func<int, float> total)
    {
        for (int channel = 0; channel < channels.Count; channel++)
        {
            if (channels.IsPartOf(channel, work))
                model = ToyTraining.Update(model, channel, total(channel));
        }
        return model;
    }

    private static ulong[] Alone(int shards, long steps, StepChannels channels)
    {
        var models = new ulong[steps + 1];
        models[0] = First;
        for (long step = 0; step < steps; step++)
        {
            ulong model = models[step];
            models[step + 1] = Update(model, channels, WorkOf(channels, step), channel => ToyTraining.Node(model, step, channel, SumTree.Root(shards)));
        }
        return models;
    }
}
