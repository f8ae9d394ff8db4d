using Lockstep.Engine.Layers;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Models;

/// <summary>What the layers of a decoder must be, so that its own output can be its next input.</summary>
internal static class Decoding
{
    /// <summary>The seam between the layers of an encoder and those of a decoder.</summary>
    /// <exception cref="ShapeException">The two do not go together, or the decoder cannot go step by step.</exception>
    public static BridgeLayer Join(BridgeSpec spec, Shape input, Layer[] encoder, Layer[] decoder)
    {
        if (spec.DecoderInput.Rank is not (1 or 2))
            throw new ShapeException("bridge", "what the decoder reads", "tokens [U] or values [U, D]", $"{spec.DecoderInput}", "Give targets, or a teacher, of such a shape.");
        foreach (Layer layer in decoder)
        {
            if (layer is not ISteppedLayer && !(layer.PassesThrough && layer.Output.Equals(layer.Input)))
                throw new ShapeException(layer.ToString(), "place", "no decoder, which goes step by step", "one", "Put it into the encoder, or leave it out.");
        }
        var bridge = new BridgeLayer(encoder.Length, spec, input, encoder, decoder);
        Shape output = decoder[^1].Output;
        if (output.Rank != 2 || output[0] != bridge.Steps)
            throw new ShapeException(decoder[^1].ToString(), "steps", $"{bridge.Steps}, as many as the decoder reads", $"{output}", "Leave out of the decoder what changes the number of steps.");
        if (!spec.TeacherForcing && CannotFeed(bridge, output, decoder) is { } fault)
            throw fault;
        return bridge;
    }

    /// <summary>Why a decoder's output cannot be its next input; null where it can.</summary>
    public static ShapeException? CannotFeed(BridgeLayer bridge, Shape output, IReadOnlyList<Layer> decoder)
    {
        if (!bridge.ReadsTokens)
        {
            return output.Equals(bridge.Output) ? null : new ShapeException(
                decoder[^1].ToString(), "output", $"{bridge.Output}, since it is the decoder's next input", $"{output}", $"Give the last dense layer {bridge.Output[1]} units, or use teacherForcing: true.");
        }
        return decoder.FirstOrDefault(layer => !layer.PassesThrough) is EmbeddingLayer embedding && embedding.Vocabulary < output[1]
            ? new ShapeException(decoder[^1].ToString(), "units", $"at most {embedding.Vocabulary}, the rows of {embedding}, since each output stands for a token that may be read next", $"{output[1]}", "Give both the same vocabulary.")
            : null;
    }
}
