using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs;

/// <summary>What an encoder, a decoder and the rest of the job together must fulfil.</summary>
internal static class DecoderRules
{
    // They go step by step, so that what the decoder gives can be what it reads next.
    private static readonly string[] Stepped = ["dense", "relu", "leakyRelu", "sigmoid", "tanh", "softmax", "identity", "dropout", "embedding", "rnn", "lstm", "gru"];

    private static readonly string[] Recurrent = ["rnn", "lstm", "gru"];

    public static void Check(Job job, BindingContext context)
    {
        Decoder(job, context);
        ExactMatch(job, context);
    }

    private static void Decoder(Job job, BindingContext context)
    {
        if (!JobRules.Sound(context, "model") || job.Model is not EncoderDecoder model)
            return;
        foreach (PlacedLayer placed in model.DecoderLayers)
        {
            string name = CaseName.Of(placed.Layer);
            if (!Stepped.Contains(name))
                context.FaultAt(placed.Path, $"a decoder goes step by step, and '{name}' does not: a decoder may have {string.Join(", ", Stepped)}");
        }
        if (!model.Decoder.Any(layer => Recurrent.Contains(CaseName.Of(layer))))
            context.FaultAt("model.decoder", "a decoder needs a recurrent layer, which begins with what the encoder hands on: rnn, lstm or gru");
        if (job.Training?.TruncatedBptt is not null && JobRules.Sound(context, "training.truncatedBptt"))
            context.FaultAt("training.truncatedBptt", "a decoder begins where its encoder has ended, so their sequences are trained as a whole: leave 'truncatedBptt' out");
    }

    private static void ExactMatch(Job job, BindingContext context)
    {
        if (!JobRules.Sound(context, "evaluation.metrics", "data", "training.truncatedBptt") || job.Evaluation?.Metrics is not { } metrics)
            return;
        for (int i = 0; i < metrics.Count; i++)
        {
            if (metrics[i] == Metric.ExactMatch && (job.Data?.Text is not null || job.Training?.TruncatedBptt is not null))
                context.FaultAt($"evaluation.metrics.{i}", "'exactMatch' is of whole sequences, and these are seen in chunks: use accuracy");
        }
    }
}
