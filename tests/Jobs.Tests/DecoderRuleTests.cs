using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Mapping;
using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

/// <summary>A model with an encoder and a decoder.</summary>
public sealed class DecoderRuleTests
{
    private const string Layers = "model:\n  - flatten\n  - dense: { units: 10 }";

    private static string Model(string encoder, string decoder, string more = "") =>
        With(Layers, $"model:\n  encoder: {encoder}\n  decoder: {decoder}{more}");

    [Fact]
    public void An_encoder_and_a_decoder_stand_in_the_place_of_a_list()
    {
        Job job = Parse(Model("[{ lstm: { units: 3, name: reader } }]", "[{ embedding: { size: 2 } }, { lstm: { units: 3 } }, { dense: { units: 9 } }]"));
        var model = Assert.IsType<EncoderDecoder>(job.Model);
        Assert.True(model.TeacherForcing);
        Assert.Equal(["encoder.reader", "decoder.0", "decoder.1", "decoder.2"], model.Layers.Select(layer => layer.Name));
        Assert.Equal(["encoder.reader", "decoder.0", "decoder.1", "decoder.2", "encoder.0", "bridge"], model.LayerNames);
        Assert.Equal(
            ["encoder.reader", "bridge", "decoder.0", "decoder.1", "decoder.2"],
            job.LayerSpecs(new Engine.Models.Shape(4)).Select(spec => spec.Name));
        Assert.Equal(new BridgeSpec(new Engine.Models.Shape(4)) { Name = "bridge" }, job.LayerSpecs(new Engine.Models.Shape(4))[1]);
    }

    [Fact]
    public void Its_text_has_both_lists_and_reads_back_as_the_same()
    {
        Job job = Parse(Model("[]", "[rnn: { units: 6 }, dense: { units: 4 }]", "\n  teacherForcing: false"));
        string text = JobText.Write(job);
        Assert.Contains("model:\n  encoder: []\n  decoder:\n    - rnn:\n", text, StringComparison.Ordinal);
        Assert.Contains("\n  teacherForcing: false\ntraining:", text, StringComparison.Ordinal);
        Assert.Equal(job, JobFile.Read(JobText.Bytes(job), "other.yaml"));
    }

    [Fact]
    public void A_decoder_has_a_recurrent_layer() => Assert.Equal(
        "job.yaml(4,12): a decoder needs a recurrent layer, which begins with what the encoder hands on: rnn, lstm or gru",
        Fault(Model("[lstm: { units: 3 }]", "[dense: { units: 4 }]")).ToString());

    [Theory]
    [InlineData("lastStep", "lastStep")]
    [InlineData("repeat: { steps: 3 }", "repeat")]
    [InlineData("flatten", "flatten")]
    [InlineData("batchNorm", "batchNorm")]
    [InlineData("perceptron", "perceptron")]
    public void What_does_not_go_step_by_step_has_no_place_in_a_decoder(string layer, string name)
    {
        IReadOnlyList<JobFault> faults = Faults(Model("[]", $"[rnn: {{ units: 3 }}, {layer}]"));
        Assert.Contains($"a decoder goes step by step, and '{name}' does not: a decoder may have dense, relu", faults[0].Message, StringComparison.Ordinal);
        Assert.Equal("model.decoder.1", faults[0].Path);
        Parse(With("- flatten", $"- {(layer == "perceptron" ? "flatten" : layer)}"));
    }

    [Fact]
    public void Sequences_of_a_decoder_are_trained_as_a_whole() => Assert.Equal(
        "a decoder begins where its encoder has ended, so their sequences are trained as a whole: leave 'truncatedBptt' out",
        Fault(Model("[]", "[rnn: { units: 3 }]").Replace("epochs: 2", "epochs: 2\n  truncatedBptt: { steps: 5 }", StringComparison.Ordinal)).Message);

    [Fact]
    public void Both_parts_are_needed_and_a_decoder_is_not_empty()
    {
        Assert.Contains("'model' needs 'decoder'", Fault(With(Layers, "model: { encoder: [relu] }")).Message, StringComparison.Ordinal);
        Assert.Contains("'model' needs 'encoder'", Fault(With(Layers, "model: { decoder: [rnn: { units: 3 }] }")).Message, StringComparison.Ordinal);
        Assert.Contains("'decoder': expected a list of at least one entry", Fault(Model("[]", "[]")).Message, StringComparison.Ordinal);
        Assert.Equal("'model' has no 'encodr': did you mean 'encoder'?", Fault(With(Layers, "model: { encodr: [], decoder: [rnn: { units: 3 }] }")).Message);
        Assert.StartsWith("'model': expected a list of at least one entry, each entry one of dense", Fault(With(Layers, "model: 3")).Message, StringComparison.Ordinal);
        Assert.StartsWith("'model': expected a list of at least one entry, each entry one of dense", Fault(With(Layers, "model: {}")).Message, StringComparison.Ordinal);
        Assert.StartsWith("'model': expected a list of at least one entry, each entry one of dense", Fault(With(Layers, "model: []")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_differ_within_each_part()
    {
        Parse(Model("[rnn: { units: 3, name: a }]", "[rnn: { units: 3, name: a }]"));
        Assert.Equal("the name 'a' is taken by entry 0: names of layers differ", Fault(Model("[]", "[rnn: { units: 3, name: a }, tanh: { name: a }]")).Message);
    }

    [Fact]
    public void Weights_name_layers_of_either_part()
    {
        string text = Model("[rnn: { units: 3, name: reader }]", "[rnn: { units: 3 }]");
        Parse(text + "weights: { from: a, layers: [encoder.reader, encoder.0, decoder.0, bridge] }\n");
        Assert.Contains("the model has no layer '0'", Fault(text + "weights: { from: a, layers: [0] }\n").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exact_match_is_of_classes_and_of_whole_sequences()
    {
        Parse(Minimal + "evaluation: { metrics: [exactMatch] }\ntarget: { exactMatch: 0.9 }\n");
        Assert.True(new Goal(Metric.ExactMatch, 0.9).IsReachedBy(0.95));
        string chunks = With("epochs: 2", "epochs: 2\n  truncatedBptt: { steps: 5 }") + "evaluation: { metrics: [exactMatch] }\n";
        Assert.Equal("'exactMatch' is of whole sequences, and these are seen in chunks: use accuracy", Fault(chunks).Message);
        string table = With("softmaxCrossEntropy", "l2").Replace("dataset: digits", "csv: { path: a, inputs: [x], targets: [y] }, validation: { fraction: 0.2 }", StringComparison.Ordinal);
        Assert.Contains("'exactMatch' counts classes", Fault(table + "evaluation: { metrics: [exactMatch] }\n").Message, StringComparison.Ordinal);
    }
}
