using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Mapping;

/// <summary>What layers over sequences mean for the engine.</summary>
internal static class SequenceLayerSpecifications
{
    /// <summary>The engine's layer; null for layers of other kinds.</summary>
    /// <param name="layer">An entry of the model.</param>
    /// <param name="start">What an initializer means for the engine.</param>
    public static LayerSpec? Of(Layer layer, Func<Initializer?, InitializerSpec?> start) => layer switch
    {
        RnnLayer rnn => Parameterized(new RnnSpec(rnn.Units, rnn.Layers, rnn.Activation), rnn, start),
        LstmLayer lstm => Parameterized(new LstmSpec(lstm.Units, lstm.Layers, lstm.Peephole, lstm.Coupled), lstm, start),
        GruLayer gru => Parameterized(new GruSpec(gru.Units, gru.Layers, gru.ResetAfter), gru, start),
        EmbeddingLayer embedding => Parameterized(new EmbeddingSpec(embedding.Size, embedding.Vocabulary), embedding, start),
        LastStepLayer last => new LastStepSpec { Name = last.Name },
        RepeatLayer repeat => new RepeatSpec(repeat.Steps, repeat.Fill) { Name = repeat.Name },
        _ => null,
    };

    private static LayerSpec Parameterized(ParameterizedLayerSpec spec, ParameterizedLayer layer, Func<Initializer?, InitializerSpec?> start) => spec with
    {
        Name = layer.Name,
        Initializer = start(layer.Initializer),
        BiasInitializer = start(layer.BiasInitializer),
        Frozen = layer.Frozen,
        LearningRateFactor = (float)layer.LearningRateFactor,
    };
}
