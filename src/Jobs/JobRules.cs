using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Mapping;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs;

/// <summary>
/// What several keys together must fulfil. A rule looks only at what was read without fault, so that one mistake is
/// reported once.
/// </summary>
internal static class JobRules
{
    public static void Check(Job job, BindingContext context)
    {
        LayerNames(job, context);
        Weights(job, context);
        Momentum(job, context);
        Betas(job, context);
        WarmUp(job, context);
        Chunks(job, context);
        Perceptron(job, context);
        DecoderRules.Check(job, context);
        DataRules.Check(job, context);
        Columns(job, context);
        EvaluationHasSamples(job, context);
        MetricsFitLoss(job, context);
        Target(job, context);
    }

    internal static bool Sound(BindingContext context, params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
        {
            if (!context.Faults.IsSound(path))
                return false;
        }
        return true;
    }

    private static void LayerNames(Job job, BindingContext context)
    {
        if (job.Model is null || !Sound(context, "model"))
            return;
        var seen = new Dictionary<string, int>();
        foreach (PlacedLayer placed in job.Model.Layers)
        {
            if (placed.Layer.Name is { } name && !seen.TryAdd(placed.Name, placed.Index))
                context.FaultAt($"{placed.Path}.{CaseName.Of(placed.Layer)}.name", $"the name '{name}' is taken by entry {seen[placed.Name]}: names of layers differ");
        }
    }

    private static void Weights(Job job, BindingContext context)
    {
        if (job.Weights is null || !Sound(context, "model", "weights"))
            return;
        // An index names a layer even where the layer has a name of its own.
        string[] known = [.. job.Model.LayerNames];
        LayersExist("weights.layers", job.Weights.Layers);
        LayersExist("weights.reinitialize", job.Weights.Reinitialize);

        void LayersExist(string path, Sequence<string>? layers)
        {
            for (int i = 0; i < (layers?.Count ?? 0); i++)
            {
                if (!known.Contains(layers![i]))
                    context.FaultAt($"{path}.{i}", $"the model has no layer '{Shown.Of(layers[i])}': {NearestName.Advice(layers[i], known)}");
            }
        }
    }

    private static void Momentum(Job job, BindingContext context)
    {
        if (Sound(context, "training.optimizer") && job.Training?.Optimizer is SgdOptimizer { Nesterov: true, Momentum: 0 })
            context.FaultAt("training.optimizer.sgd.nesterov", "'nesterov' needs momentum: give 'momentum' too, 0.9 for instance");
    }

    private static void Betas(Job job, BindingContext context)
    {
        if (Sound(context, "training.optimizer") && job.Training?.Optimizer is AdamOptimizer { Betas.Count: not 2 })
            context.FaultAt("training.optimizer.adam.betas", "'betas' has two numbers: [0.9, 0.999] for instance");
    }

    private static void WarmUp(Job job, BindingContext context)
    {
        if (Sound(context, "training.schedule") && job.Training?.Schedule is CosineDecay cosine && cosine.WarmUpSteps >= cosine.OverSteps)
            context.FaultAt("training.schedule.cosine.warmUpSteps", $"the warm-up is a part of the {cosine.OverSteps} steps of 'overSteps': give fewer");
    }

    private static void Chunks(Job job, BindingContext context)
    {
        if (Sound(context, "training.truncatedBptt") && job.Training?.TruncatedBptt is { Backward: > 0 } chunks && chunks.Backward < chunks.Steps)
            context.FaultAt("training.truncatedBptt.backward", $"gradients go back over the {chunks.Steps} new steps at least: give 'backward' no less than 'steps', or leave it out");
    }

    private static void Perceptron(Job job, BindingContext context)
    {
        if (!Sound(context, "model", "training.loss") || job.Training is null)
            return;
        PlacedLayer last = job.Model.Layers.Last();
        foreach (PlacedLayer placed in job.Model.Layers.Where(placed => placed.Layer is PerceptronLayer))
        {
            if (placed != last)
                context.FaultAt(placed.Path, "no gradient comes back through a sign: 'perceptron' is the last layer, or use dense and tanh");
            else if (job.Training.Loss is not PerceptronLoss)
                context.FaultAt("training.loss", $"'perceptron' trains with the loss perceptron, not with {CaseName.Of(job.Training.Loss)}");
        }
    }

    private static void Columns(Job job, BindingContext context)
    {
        if (!Sound(context, "data"))
            return;
        ColumnsOf("data.csv", job.Data.Csv);
        ColumnsOf("data.validation.csv", (job.Data.Validation as CsvValidation)?.Table);

        void ColumnsOf(string path, CsvTable? table)
        {
            if (table is null or { Header: true })
                return;
            NumbersOnly($"{path}.inputs", table.Inputs);
            NumbersOnly($"{path}.targets", table.Targets);
            NumbersOnly($"{path}.difference", table.Difference ?? []);
            NumbersOnly($"{path}.logReturn", table.LogReturn ?? []);
        }

        void NumbersOnly(string path, Sequence<string> columns)
        {
            for (int i = 0; i < columns.Count; i++)
            {
                if (!int.TryParse(columns[i], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
                    context.FaultAt($"{path}.{i}", $"'{Shown.Of(columns[i])}' is no column number: without a header line columns are numbers from 0");
            }
        }
    }

    private static void EvaluationHasSamples(Job job, BindingContext context)
    {
        if (!Sound(context, "data") || DataRules.HasTestPart(job.Data) || job.Data.Validation is not null)
            return;
        if (job.Evaluation is not null)
            context.FaultAt("evaluation", "evaluation needs samples that training does not see: give 'data.validation', { fraction: 0.1 } for instance");
        else if (job.Target is not null)
            context.FaultAt("target", "a target needs samples that training does not see: give 'data.validation', { fraction: 0.1 } for instance");
    }

    private static void MetricsFitLoss(Job job, BindingContext context)
    {
        if (!Sound(context, "training.loss", "evaluation.metrics") || job.Evaluation is not { } evaluation || job.Training is null)
            return;
        for (int i = 0; i < evaluation.Metrics.Count; i++)
        {
            Metric metric = evaluation.Metrics[i];
            bool ofClasses = metric is Metric.Accuracy or Metric.ZeroOne or Metric.Top5 or Metric.ExactMatch;
            bool ofValues = metric is Metric.Mse or Metric.Mae;
            bool ofCrossEntropy = metric is Metric.Perplexity or Metric.BitsPerCharacter;
            bool takesClasses = job.Training.Loss.Specification().TakesClasses;
            string name = KeyName.Of($"{metric}"), loss = CaseName.Of(job.Training.Loss);
            if (ofClasses && !takesClasses && job.Data?.Csv is not null)
                context.FaultAt($"evaluation.metrics.{i}", $"'{name}' counts classes, and with the loss {loss} the targets of a table are values: use mse, mae or loss");
            else if (ofValues && takesClasses)
                context.FaultAt($"evaluation.metrics.{i}", $"'{name}' compares values, and the loss {loss} has classes: use accuracy, zeroOne or loss");
            else if (ofCrossEntropy && job.Training.Loss is not SoftmaxCrossEntropyLoss)
                context.FaultAt($"evaluation.metrics.{i}", $"'{name}' is made of the loss softmaxCrossEntropy, and the loss is {loss}: use loss");
        }
    }

    private static void Target(Job job, BindingContext context)
    {
        if (job.Target is not { } target || !Sound(context, "target"))
            return;
        if (!target.Goals.Any())
        {
            context.FaultAt("target", "'target' needs a metric and its value: { accuracy: 0.95 } for instance");
            return;
        }
        if (!Sound(context, "evaluation", "training.loss", "data") || job.Training is null)
            return;
        Sequence<Metric> reported = job.Evaluation is { Metrics.Count: > 0 } evaluation
            ? evaluation.Metrics
            : [JobDefaults.Metric(job)];
        foreach (Goal goal in target.Goals.Where(goal => !reported.Contains(goal.Metric)))
        {
            string name = KeyName.Of($"{goal.Metric}");
            context.FaultAt($"target.{name}", $"'{name}' is not evaluated: add it to 'evaluation.metrics'");
        }
    }
}
