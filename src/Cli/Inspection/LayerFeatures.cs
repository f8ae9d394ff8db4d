using Lockstep.Cli.Exits;
using Lockstep.Engine.Data;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>What a layer makes of samples, with the model as it predicts.</summary>
internal sealed unsafe class LayerFeatures
{
    private LayerFeatures(Shape shape, int count, float[] numbers, int[]? classes) =>
        (Shape, Count, Numbers, Classes) = (shape, count, numbers, classes);

    /// <summary>Of one sample.</summary>
    public Shape Shape { get; }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>[N, shape].</summary>
    public float[] Numbers { get; }

    /// <summary>[N], where the samples have classes.</summary>
    public int[]? Classes { get; }

    /// <summary>The features of all samples.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">Whose outputs are wanted.</param>
    /// <param name="choice"><c>validation</c>, <c>training</c>, or a .safetensors file with <c>inputs</c>.</param>
    /// <param name="threads">Compute threads; they change no bit.</param>
    /// <exception cref="DataException">The samples do not suit the model.</exception>
    public static LayerFeatures Of(SavedModel model, Layer layer, string choice, int threads)
    {
        if (model.Plan.Chunks is not null)
            throw new InputException("The model is trained on chunks of sequences, and features are of whole samples. Take a model without truncatedBptt.");
        if (choice is EvaluationData.Validation or EvaluationData.Training)
            return Of(model, layer, EvaluationData.Choose(model.Plan, choice), int.MaxValue, threads);
        var prediction = Prediction.Of(model.Plan, model.Parameters.Pointer, choice, threads, layer.Index);
        return new LayerFeatures(layer.Output, prediction.Count, prediction.Outputs, null);
    }

    /// <summary>The features of the first samples of a data set, in its order.</summary>
    public static LayerFeatures Of(SavedModel model, Layer layer, DataSet data, int limit, int threads)
    {
        TrainingPlan plan = model.Plan;
        int count = Math.Min(data.Count, limit);
        float[] numbers = new float[checked((long)count * layer.Output.Length)];
        using var crew = new ComputeCrew(threads);
        using Replica replica = plan.CreateReplica(crew);
        using var loader = new MinibatchLoader(plan);
        replica.UseParameters(model.Parameters.Pointer, version: 0);
        EvaluationSchedule schedule = plan.ScheduleOf(data);
        float[] rows = new float[checked((long)plan.Job.Training.Batch * layer.Output.Length)];
        for (int i = 0, first = 0; first < count; i++)
        {
            Batch batch = loader.Load(schedule[i]);
            fixed (float* output = rows)
                replica.PredictLayer(batch, layer.Index, output);
            int taken = Math.Min(batch.Count, count - first);
            rows.AsSpan(0, taken * layer.Output.Length).CopyTo(numbers.AsSpan(first * layer.Output.Length));
            first += taken;
        }
        return new LayerFeatures(layer.Output, count, numbers, ClassesOf(data, count));
    }

    /// <summary>The numbers of one sample.</summary>
    public ReadOnlySpan<float> Row(int sample) => Numbers.AsSpan(sample * Shape.Length, Shape.Length);

    private static int[]? ClassesOf(DataSet data, int count) =>
        data.HasClasses && data.TargetShape.Count == 0 ? [.. Enumerable.Range(0, count).Select(data.ClassOf)] : null;
}
