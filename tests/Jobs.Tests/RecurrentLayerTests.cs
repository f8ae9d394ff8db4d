using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Mapping;
using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

public sealed class RecurrentLayerTests
{
    [Fact]
    public void Layers_over_sequences_become_those_of_the_engine() => Assert.Equal(
        [
            new FlattenSpec(),
            new RnnSpec(4), new RnnSpec(5, 2, RecurrentActivation.Relu) { Name = "plain", Frozen = true },
            new LstmSpec(4), new LstmSpec(4, 1, PeepholeKind.Diagonal) { Initializer = new UniformInitializer(0.08f), BiasInitializer = new ConstantInitializer(0) },
            new LstmSpec(4, 3, PeepholeKind.Full, Coupled: true) { LearningRateFactor = 0.5f },
            new GruSpec(4), new GruSpec(4, 2, ResetAfter: true),
            new EmbeddingSpec(9), new EmbeddingSpec(9, 70) { Name = "words" },
            new LastStepSpec(), new RepeatSpec(7), new RepeatSpec(7, RepeatFill.Zeros) { Name = "many" },
        ],
        Parse(With("- dense: { units: 10 }", """
            - rnn: { units: 4 }
              - rnn: { units: 5, layers: 2, activation: relu, name: plain, frozen: true }
              - lstm: { units: 4 }
              - lstm: { units: 4, peephole: diagonal, initializer: { uniform: 0.08 }, biasInitializer: zeros }
              - lstm: { units: 4, layers: 3, peephole: full, coupled: true, learningRateFactor: 0.5 }
              - gru: { units: 4 }
              - gru: { units: 4, layers: 2, resetAfter: true }
              - embedding: { size: 9 }
              - embedding: { size: 9, vocabulary: 70, name: words }
              - lastStep
              - repeat: { steps: 7 }
              - repeat: { steps: 7, fill: zeros, name: many }
            """)).LayerSpecs());

    [Theory]
    [InlineData("lstm: { units: 0 }", "'units': expected a whole number from 1 to 1048576, found 0")]
    [InlineData("lstm: { units: 4, layers: 0 }", "'layers': expected a whole number from 1 to 256, found 0")]
    [InlineData("lstm: { units: 4, peephole: half }", "'peephole' has no 'half': available: none, diagonal, full")]
    [InlineData("rnn: { units: 4, activation: softsign }", "'activation' has no 'softsign': available: tanh, relu")]
    [InlineData("gru: { unit: 4 }", "'gru' has no 'unit': did you mean 'units'")]
    [InlineData("embedding: { size: 4, vocabulary: 0 }", "'vocabulary': expected a whole number from 1 to 16777216, found 0")]
    [InlineData("repeat", "'repeat' needs keys: write repeat: { step")]
    [InlineData("repeat: { steps: 3, fill: ones }", "'fill' has no 'ones': available: value, zeros")]
    public void A_fault_in_a_layer_over_sequences_is_named(string layer, string message) =>
        Assert.StartsWith(message, Faults(With("- dense: { units: 10 }", $"- {layer}"))[0].Message, StringComparison.Ordinal);
}
