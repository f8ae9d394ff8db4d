using Lockstep.Engine.Data;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Jobs.Planning;

/// <summary>Whether the data is what a plan's model, loss and metrics take; said once, before anything is trained.</summary>
internal static class SuitableData
{
    /// <exception cref="DataException">It is not.</exception>
    /// <exception cref="ShapeException">The loss cannot take the targets for the model's output.</exception>
    public static void Require(TrainingPlan plan)
    {
        DataSet training = plan.Data.Training;
        RequireInputs(plan, training);
        var loss = Lockstep.Engine.Losses.Loss.Create(plan.Loss, plan.Network.Output);
        loss.RequireTargets(
            training.HasClasses ? training.ClassCount : null,
            training.HasClasses ? null : ValuesShape(plan, training));
        RequireSteps(plan, training);
        if (!training.HasClasses && plan.Metrics.FirstOrDefault(metric => metric is MetricKind.Accuracy or MetricKind.ZeroOne or MetricKind.TopFive or MetricKind.ExactMatch) is var metric and not MetricKind.Loss)
            throw new DataException(training.Name, $"Its targets are values, and the metric {Lockstep.Engine.Metrics.Metric.NameOf(metric)} counts classes.", "Report mse, mae or loss, or use targets that are class numbers.");
        RequireValues(training, loss);
        if (plan.Data.Validation is not null)
            RequireValues(plan.Data.Validation, loss);
    }

    private static Shape ValuesShape(TrainingPlan plan, DataSet data) =>
        new([.. data.TargetShape.Select((axis, index) => index == 0 && plan.Chunks is not null ? plan.Chunks.LongestWindow : axis)]);

    private static void RequireSteps(TrainingPlan plan, DataSet data)
    {
        int steps = data.TargetSteps == 0 ? 0 : plan.Chunks?.LongestWindow ?? data.TargetSteps;
        if (steps > 0 && (plan.Network.Output.Rank != 2 || plan.Network.Output[0] != steps))
            throw new DataException(data.Name, $"Its targets have a class at each of {data.TargetSteps} steps, and the model's output is {plan.Network.Output}.", "Let the model give [steps, classes]: no lastStep, and a dense layer at the end.");
        if (steps == 0 && data.HasClasses && plan.Network.Output.Rank == 2)
            throw new DataException(data.Name, $"Its targets are one class a sample, and the model's output has {plan.Network.Output[0]} steps.", "Put lastStep behind the recurrent layers, or flatten.");
    }

    private static void RequireInputs(TrainingPlan plan, DataSet data)
    {
        if (data.InputsAreTokens && plan.Transforms.KeepsTokens && plan.Network.Layers[0] is not (EmbeddingLayer or BridgeLayer))
            throw new DataException(data.Name, "Its inputs are tokens, which are names and no quantities.", "Begin the model with an embedding, or data.transforms with oneHot.");
        if (data.HasInputMask && plan.Network.Layers.FirstOrDefault(layer => layer is { FollowsInput: true, KeepsSteps: false } and not (LastStepLayer or BridgeLayer)) is { } cut)
            throw new DataException(data.Name, $"Some of its sequences end in padding, which layer {cut} would take for numbers.", "Put a recurrent layer and lastStep before it.");
    }

    private static unsafe void RequireValues(DataSet data, Lockstep.Engine.Losses.Loss loss)
    {
        float[] target = new float[data.TargetLength];
        for (int sample = 0; sample < data.Count && !data.HasClasses; sample++)
        {
            fixed (float* values = target)
                data.CopyTarget(sample, values);
            for (int i = 0; i < target.Length; i++)
            {
                if (loss.FaultOf(target[i]) is { } fault)
                    throw new DataException(data.Name, $"Number {i} of the target of sample {sample} {fault}.", "Change the data, or use another loss: l1 and l2 take all numbers.");
            }
        }
    }
}
