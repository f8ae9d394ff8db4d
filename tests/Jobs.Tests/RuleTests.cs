using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

/// <summary>What several keys together must fulfil.</summary>
public sealed class RuleTests
{
    private const string Csv = "csv: { path: a.csv, inputs: [x], targets: [y] }";

    [Fact]
    public void Names_of_layers_differ()
    {
        JobFault fault = Fault(With("{ units: 10 }", "{ units: 10, name: a }\n  - relu: { name: a }"));
        Assert.Equal("job.yaml(5,19): the name 'a' is taken by entry 1: names of layers differ", fault.ToString());
    }

    [Fact]
    public void Nesterov_needs_momentum()
    {
        JobFault fault = Fault(With("0.1 }", "0.1, nesterov: true }"));
        Assert.Equal("job.yaml(9,52): 'nesterov' needs momentum: give 'momentum' too, 0.9 for instance", fault.ToString());
    }

    [Theory]
    [InlineData("[0.9]")]
    [InlineData("[0.9, 0.99, 0.999]")]
    public void Adam_has_two_betas(string betas) => Assert.Equal(
        "'betas' has two numbers: [0.9, 0.999] for instance", Fault(With("{ sgd: { learningRate: 0.1 } }", $"{{ adam: {{ betas: {betas} }} }}")).Message);

    [Fact]
    public void A_beta_is_below_1() => Assert.Contains(
        "expected a number from 0 and below 1, found 1", Fault(With("{ sgd: { learningRate: 0.1 } }", "{ adam: { betas: [0.9, 1] } }")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_warm_up_ends_before_its_cosine() => Assert.Equal(
        "job.yaml(8,53): the warm-up is a part of the 10 steps of 'overSteps': give fewer",
        Fault(With("epochs: 2", "epochs: 2\n  schedule: { cosine: { overSteps: 10, warmUpSteps: 10 } }")).ToString());

    [Fact]
    public void A_perceptron_is_the_last_layer_and_trains_with_its_own_loss()
    {
        Parse(With("- dense: { units: 10 }", "- perceptron").Replace("softmaxCrossEntropy", "perceptron", StringComparison.Ordinal));
        Assert.Equal("'perceptron' trains with the loss perceptron, not with softmaxCrossEntropy", Fault(With("- dense: { units: 10 }", "- perceptron")).Message);
        Assert.Equal(
            "job.yaml(4,5): no gradient comes back through a sign: 'perceptron' is the last layer, or use dense and tanh",
            Fault(With("- dense", "- perceptron\n  - dense").Replace("softmaxCrossEntropy", "perceptron", StringComparison.Ordinal)).ToString());
    }

    [Fact]
    public void Perplexity_is_of_softmax_cross_entropy() => Assert.Equal(
        "'perplexity' is made of the loss softmaxCrossEntropy, and the loss is l1: use loss",
        Fault(With("softmaxCrossEntropy", "l1") + "evaluation: { metrics: [perplexity] }\n").Message);

    [Fact]
    public void Weights_name_layers_that_there_are()
    {
        string text = With("{ units: 10 }", "{ units: 10, name: head }") + "weights: { from: a, layers: [heat], reinitialize: [1, 2] }\n";
        Assert.Equal(
            [
                "job.yaml(10,30): the model has no layer 'heat': did you mean 'head'?",
                "job.yaml(10,55): the model has no layer '2': did you mean '0'?",
            ],
            Faults(text).Select(fault => fault.ToString()));
    }

    [Fact]
    public void Files_have_no_test_part_of_their_own()
    {
        JobFault fault = Fault(With("dataset: digits", $"{Csv}, validation: test"));
        Assert.Equal("'test' is for data sets known by name: for csv write { fraction: 0.1 } or csv: of other files", fault.Message);
    }

    [Fact]
    public void Validation_comes_from_a_source_of_the_same_kind()
    {
        JobFault fault = Fault(With("dataset: digits", $"{Csv}, validation: {{ tensors: {{ path: a }} }}"));
        Assert.Equal("validation comes from a source of the same kind: here csv, or { fraction: 0.1 }", fault.Message);
    }

    [Fact]
    public void Columns_of_a_table_without_a_header_line_are_numbers()
    {
        string text = With("dataset: digits", "csv: { path: a.csv, inputs: [0, x], targets: [2], header: false }");
        Assert.Equal("job.yaml(1,41): 'x' is no column number: without a header line columns are numbers from 0", Fault(text).ToString());
    }

    [Fact]
    public void Evaluation_and_targets_need_samples_that_training_does_not_see()
    {
        string text = With("dataset: digits", Csv);
        Assert.Null(Parse(text).Evaluation);
        Assert.Equal("evaluation", Fault(text + "evaluation: { everySteps: 3 }\n").Path);
        Assert.Equal("target", Fault(text + "target: { accuracy: 0.5 }\n").Path);
        Assert.NotNull(Parse(With("dataset: digits", $"{Csv}, validation: {{ fraction: 0.2 }}") + "target: { accuracy: 0.5 }\n").Evaluation);
    }

    [Fact]
    public void Metrics_fit_the_loss()
    {
        Assert.Equal(
            "job.yaml(10,25): 'mae' compares values, and the loss softmaxCrossEntropy has classes: use accuracy, zeroOne or loss",
            Fault(Minimal + "evaluation: { metrics: [mae] }\n").ToString());
        // Classes are one-hot vectors to a loss on values; a table's targets are values to it.
        Assert.Equal(2, Parse(With("softmaxCrossEntropy", "l2") + "evaluation: { metrics: [loss, accuracy] }\n").Evaluation!.Metrics.Count);
        string table = With("softmaxCrossEntropy", "l2").Replace("dataset: digits", $"{Csv}, validation: {{ fraction: 0.2 }}", StringComparison.Ordinal);
        Assert.Contains("'accuracy' counts classes", Fault(table + "evaluation: { metrics: [loss, accuracy] }\n").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_is_a_metric_that_is_evaluated()
    {
        Assert.Equal("job.yaml(10,17): 'loss' is not evaluated: add it to 'evaluation.metrics'", Fault(Minimal + "target: { loss: 3 }\n").ToString());
        Assert.Equal("'target' needs a metric and its value: { accuracy: 0.95 } for instance", Fault(Minimal + "target: {}\n").Message);
    }

    [Fact]
    public void An_evaluation_is_either_by_epochs_or_by_steps() =>
        Assert.Equal("'everyEpochs' and 'everySteps' exclude each other: keep one of the two", Fault(Minimal + "evaluation: { everyEpochs: 1, everySteps: 2 }\n").Message);

    [Fact]
    public void A_schedule_says_when() =>
        Assert.Equal("'step' needs one of everyEpochs, everySteps", Fault(With("epochs: 2", "epochs: 2\n  schedule: { step: { factor: 0.1 } }")).Message);

    [Fact]
    public void A_file_that_is_not_there_is_a_fault_with_the_places_that_were_searched()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-jobs-").FullName;
        try
        {
            string job = Path.Combine(folder, "job.yaml");
            File.WriteAllText(job, With("dataset: digits", "idx: { images: here.gz, labels: gone.gz }"));
            File.WriteAllText(Path.Combine(folder, "here.gz"), "");
            JobFault fault = Assert.Single(Assert.Throws<JobFaultException>(() => JobFile.Read(job)).Faults);
            Assert.Equal((1, 41, "data.idx.labels"), (fault.Line, fault.Column, fault.Path));
            Assert.StartsWith($"'labels': there is no file 'gone.gz'; looked for {Path.Combine(folder, "gone.gz")}", fault.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Files_are_looked_for_beside_the_job_and_then_in_the_data_folder()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-jobs-").FullName;
        try
        {
            string data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
            string inData = Path.Combine(data, "a.csv");
            File.WriteAllText(inData, "");
            var source = new JobSource(folder, data);
            Assert.Equal(inData, source.Resolve("a.csv"));
            File.WriteAllText(Path.Combine(folder, "a.csv"), "");
            Assert.Equal(Path.Combine(folder, "a.csv"), source.Resolve("a.csv"));
            Assert.Equal(inData, source.Resolve(inData));
            Assert.Contains("LOCKSTEP_DATA", Assert.Throws<FileNotFoundException>(() => source.Resolve("b.csv")).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
