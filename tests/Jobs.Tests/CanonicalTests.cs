using CsCheck;
using Lockstep.Jobs.Format;
using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

public sealed class CanonicalTests
{
    [Fact]
    public void The_text_of_a_resolved_job_has_every_default()
    {
        Job job = JobFile.Parse(Minimal, "some/where/my job.yaml");
        Assert.Equal(
            """
            name: my-job
            seed: 1
            data:
              dataset: digits
              validation: test
              shuffle: true
              transforms: []
            model:
              - flatten
              - dense:
                  units: 10
                  bias: true
                  frozen: false
                  learningRateFactor: 1
            training:
              loss:
                softmaxCrossEntropy:
                  reduction: mean
              epochs: 2
              batch: 32
              shards: 8
              lastBatch: keep
              optimizer:
                sgd:
                  learningRate: 0.1
                  momentum: 0
                  nesterov: false
                  weightDecay: 0
              onNonFinite: stop
              mode: synchronous
            evaluation:
              everyEpochs: 1
              metrics:
                - accuracy
            checkpoint:
              everySteps: 1000
              keep: 3

            """.ReplaceLineEndings("\n"),
            JobText.Write(job));
        // sha256sum of the text above.
        Assert.Equal("29112db8508e3b14ec07080b31f87aeab7b10eb06f08e822dd6592afa81ee879", JobText.Hash(job));
    }

    [Fact]
    public void The_text_of_a_job_with_everything_is_as_it_was()
    {
        const string text = """
            name: "1.0"
            seed: 18446744073709551615
            data:
              csv: { path: "tables/ä b.csv", inputs: [0, "x:y", 'true'], targets: [c] }
              limit: 100
              validation: { fraction: 1/3 }
              shuffle: false
              transforms: [standardize, subtractMean, { subtractMean: perChannel }, scale: 1/255]
            model:
              - dense: { units: 3, name: first, initializer: { gaussian: 0.01 }, biasInitializer: zeros, frozen: true, learningRateFactor: 1/10 }
              - tanh: { name: bend }
              - dense: { units: 1, bias: false, initializer: { constant: -0 } }
            weights: { from: ../old.safetensors, layers: [0], reinitialize: [bend] }
            training:
              loss: { l2: { reduction: sum } }
              steps: 1e5
              batch: 7
              lastBatch: drop
              optimizer: { sgd: { learningRate: 1e-7, momentum: 0.9, nesterov: true, weightDecay: 5e-4 } }
              schedule: { step: { everySteps: 10, factor: 0.1 } }
              clip: { value: 5 }
              regularization: { l2: 0.0005, biases: true }
              onNonFinite: skip
            evaluation: { everySteps: 50, metrics: [mse, mae, loss] }
            checkpoint: { keep: 1 }
            target: { mse: 0.25 }
            """;
        Job job = Parse(text);
        string canonical = JobText.Write(job);
        Assert.Equal(
            """
            name: "1.0"
            seed: 18446744073709551615
            data:
              csv:
                path: "tables/ä b.csv"
                inputs:
                  - "0"
                  - "x:y"
                  - "true"
                targets:
                  - c
                header: true
              limit: 100
              validation:
                fraction: 0.3333333333333333
              shuffle: false
              transforms:
                - standardize
                - subtractMean: perPixel
                - subtractMean: perChannel
                - scale: 0.00392156862745098
            model:
              - dense:
                  units: 3
                  bias: true
                  initializer:
                    gaussian: 0.01
                  biasInitializer: zeros
                  frozen: true
                  learningRateFactor: 0.1
                  name: first
              - tanh:
                  name: bend
              - dense:
                  units: 1
                  bias: false
                  initializer:
                    constant: -0
                  frozen: false
                  learningRateFactor: 1
            weights:
              from: ../old.safetensors
              layers:
                - "0"
              reinitialize:
                - bend
            training:
              loss:
                l2:
                  reduction: sum
              steps: 100000
              batch: 7
              shards: 1
              lastBatch: drop
              optimizer:
                sgd:
                  learningRate: 1e-07
                  momentum: 0.9
                  nesterov: true
                  weightDecay: 0.0005
              schedule:
                step:
                  everySteps: 10
                  factor: 0.1
                  warmUpSteps: 0
              clip:
                value: 5
              regularization:
                l2: 0.0005
                l1: 0
                biases: true
              onNonFinite: skip
              mode: synchronous
            evaluation:
              everySteps: 50
              metrics:
                - mse
                - mae
                - loss
            checkpoint:
              everySteps: 1000
              keep: 1
            target:
              mse: 0.25

            """.ReplaceLineEndings("\n"),
            canonical);
        Job again = JobFile.Read(JobText.Bytes(job), "elsewhere.yaml");
        Assert.Equal(job, again);
        Assert.Equal(canonical, JobText.Write(again));
    }

    [Fact]
    public void Two_numbers_of_an_image_are_written_as_one_where_they_are_equal()
    {
        Job job = Parse(With("- dense: { units: 10 }", "- conv2d: { filters: 2, kernel: [3, 3], stride: [1, 2] }\n  - maxPool2d: { kernel: [2, 1] }"));
        Assert.Contains(
            """
              - conv2d:
                  filters: 2
                  kernel: 3
                  stride:
                    - 1
                    - 2
                  padding: 0
                  dilation: 1
                  groups: 1
                  bias: true
                  frozen: false
                  learningRateFactor: 1
              - maxPool2d:
                  kernel:
                    - 2
                    - 1
                  stride:
                    - 2
                    - 1
                  padding: 0
            """.ReplaceLineEndings("\n"),
            JobText.Write(job));
        Assert.Equal(job, Parse(With("- dense: { units: 10 }", "- conv2d: { filters: 2, kernel: 3, stride: [1, 2] }\n  - maxPool2d: { kernel: [2, 1], stride: [2, 1] }")));
    }

    [Fact]
    public void Another_spelling_of_the_same_job_has_the_same_hash()
    {
        string other = Minimal.Replace("{ units: 10 }", "\n      units: 0xA\n").Replace("epochs: 2", "\"epochs\": 4/2  # two").Replace("0.1", "1/10") + "name: job\nseed: 1\n";
        Assert.Equal(JobText.Hash(Parse(Minimal)), JobText.Hash(Parse(other)));
        Assert.NotEqual(JobText.Hash(Parse(Minimal)), JobText.Hash(Parse(Minimal + "seed: 2\n")));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 2)]
    [InlineData(15, 2)]
    [InlineData(16, 4)]
    [InlineData(63, 8)]
    [InlineData(64, 16)]
    [InlineData(4096, 16)]
    public void Shards_are_by_default_the_largest_power_of_two_up_to_16_that_leaves_4_samples_a_leaf(int batch, int shards) =>
        Assert.Equal(shards, Parse(With("batch: 32", $"batch: {batch}")).Training.Shards);

    [Fact]
    public void A_job_without_a_name_is_called_after_its_file()
    {
        Assert.Equal("digits", JobFile.Parse(Minimal, "examples/digits.yaml").Name);
        Assert.Equal("job", JobFile.Parse(Minimal, "äö.yaml").Name);
        Assert.Equal(64, JobFile.Parse(Minimal, new string('x', 100) + ".yaml").Name.Length);
    }

    [Fact]
    public void Reading_what_was_written_gives_the_same_job_and_the_same_bytes()
    {
        JobGenerator.Jobs.Sample(
            text =>
            {
                Job job = Parse(text);
                byte[] bytes = JobText.Bytes(job);
                Job again = JobFile.Read(bytes, "other.yaml");
                Assert.Equal(job, again);
                Assert.Equal(bytes, JobText.Bytes(again));
            },
            iter: 1000);
    }
}
