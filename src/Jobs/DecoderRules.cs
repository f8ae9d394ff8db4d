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
    }
}
