using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

public sealed class FaultTests
{
    [Fact]
    public void An_unknown_key_is_named_with_its_place_and_the_nearest_key()
    {
        JobFault fault = Fault(With("  epochs: 2", "  epocs: 2"));
        Assert.Equal(new JobFault("job.yaml", 7, 3, "training.epocs", "'training' has no 'epocs': did you mean 'epochs'?"), fault);
        Assert.Equal("job.yaml(7,3): 'training' has no 'epocs': did you mean 'epochs'?", fault.ToString());
    }

    [Fact]
    public void A_key_that_is_like_no_other_is_answered_with_all_of_them()
    {
        JobFault fault = Fault(Minimal + "gpus: 4\n");
        Assert.Equal((10, 1), (fault.Line, fault.Column));
        Assert.Equal("a job file has no 'gpus': available: name, seed, data, model, weights, training, evaluation, checkpoint, diagnostics, target", fault.Message);
    }

    [Theory]
    [InlineData("batch: 32", "batch: many", 8, 10, "training.batch", "'batch': expected a whole number from 1 to 16777216, found the text 'many'")]
    [InlineData("batch: 32", "batch: 32.5", 8, 10, "training.batch", "'batch': expected a whole number from 1 to 16777216, found 32.5")]
    [InlineData("batch: 32", "batch: '32'", 8, 10, "training.batch", "'batch': expected a whole number from 1 to 16777216, found the text '32'")]
    [InlineData("batch: 32", "batch: 0", 8, 10, "training.batch", "'batch': expected a whole number from 1 to 16777216, found 0")]
    [InlineData("batch: 32", "batch: [32]", 8, 10, "training.batch", "'batch': expected a whole number from 1 to 16777216, found a list")]
    [InlineData("batch: 32", "batch: { size: 32 }", 8, 10, "training.batch", "'batch': expected a whole number from 1 to 16777216, found a map with the key size")]
    [InlineData("batch: 32", "batch:", 8, 9, "training.batch", "'batch': expected a whole number from 1 to 16777216, found nothing")]
    [InlineData("batch: 32", "batch: 99999999999999999999999999999999999999", 8, 10, "training.batch", "'batch': expected a whole number from 1 to 16777216, found 99999999999999999999999999999999999999")]
    [InlineData("learningRate: 0.1", "learningRate: -0.1", 9, 37, "training.optimizer.sgd.learningRate", "'learningRate': expected a number from 0 up, found -0.1")]
    [InlineData("learningRate: 0.1", "learningRate: .nan", 9, 37, "training.optimizer.sgd.learningRate", "'learningRate': expected a number from 0 up, found .nan")]
    [InlineData("learningRate: 0.1", "learningRate: 1/0", 9, 37, "training.optimizer.sgd.learningRate", "'learningRate': expected a number from 0 up, found the text '1/0'")]
    [InlineData("learningRate: 0.1", "learningRate: 1e39", 9, 37, "training.optimizer.sgd.learningRate", "'learningRate': expected a number from 0 up, found 1e39")]
    [InlineData("learningRate: 0.1", "learningRate: 0.1, momentum: 1", 9, 52, "training.optimizer.sgd.momentum", "'momentum': expected a number from 0 and below 1, found 1")]
    [InlineData("units: 10", "units: 10, bias: 1", 4, 31, "model.1.dense.bias", "'bias': expected true or false, found 1")]
    [InlineData("units: 10", "units: 10, name: 3rd", 4, 31, "model.1.dense.name", "'name': expected a name of up to 64 letters, digits, '_' and '-' that starts with a letter or '_', found the text '3rd'")]
    [InlineData("units: 10", "units: 10, name: 3", 4, 31, "model.1.dense.name", "'name': expected a name of up to 64 letters, digits, '_' and '-' that starts with a letter or '_', found 3: put it in quotes if it is text")]
    [InlineData("dataset: digits", "dataset: digits, shuffle: yes", 1, 35, "data.shuffle", "'shuffle': expected true or false, found the text 'yes'")]
    [InlineData("dataset: digits", "dataset: digits, transforms: { scale: 2 }", 1, 38, "data.transforms", "'transforms': expected a list, each entry one of scale, subtractMean, standardize, whiten, randomCrop, randomFlip, oneHot, found a map with the key scale")]
    [InlineData("dataset: digits", "dataset: digits, transforms: [scale: 0]", 1, 46, "data.transforms.0.scale", "'scale': expected a number, not 0, found 0")]
    [InlineData("dataset: digits", "dataset: digits, classes: [1, 2, 1]", 1, 42, "data.classes.2", "'classes[2]' repeats entry 0: 1")]
    [InlineData("dataset: digits", "dataset: digits, classes: []", 1, 35, "data.classes", "'classes': expected a list of at least one entry, each entry a whole number from 0 up, found a list")]
    public void A_wrong_type_or_range_says_what_was_expected_and_what_was_found(string part, string replacement, int line, int column, string path, string message)
    {
        Assert.Equal(new JobFault("job.yaml", line, column, path, message), Fault(With(part, replacement)));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("-4")]
    [InlineData("8192")]
    public void Shards_are_a_power_of_two_up_to_4096(string shards)
    {
        JobFault fault = Fault(With("batch: 32", $"batch: 32\n  shards: {shards}"));
        Assert.Equal($"'shards': expected a power of two from 1 to 4096, found {shards}", fault.Message);
        Assert.Equal((9, 11), (fault.Line, fault.Column));
    }

    [Fact]
    public void Missing_keys_are_named_each_with_what_they_hold()
    {
        IReadOnlyList<JobFault> faults = Faults("name: empty\ntraining: { epochs: 1 }\n");
        Assert.Equal(
            [
                "job.yaml(1,1): the job file needs 'data': a map of dataset, idx, cifar, csv, text, pairs, images, captions, tensors, classes, limit, validation, shuffle, transforms",
                $"job.yaml(1,1): the job file needs 'model': a list of at least one entry, each entry one of {Layers}; or a map of encoder, decoder, teacherForcing",
                "job.yaml(2,11): 'training' needs 'loss': one of softmaxCrossEntropy, binaryCrossEntropy, l1, l2, hinge, multiclassHinge, perceptron",
                "job.yaml(2,11): 'training' needs 'batch': a whole number from 1 to 16777216",
                "job.yaml(2,11): 'training' needs 'optimizer': one of sgd, adagrad, rmsprop, adam",
            ],
            faults.Select(fault => fault.ToString()));
    }

    [Fact]
    public void Epochs_and_steps_exclude_each_other()
    {
        JobFault fault = Fault(With("  epochs: 2", "  epochs: 2\n  steps: 9"));
        Assert.Equal("job.yaml(8,3): 'epochs' and 'steps' exclude each other: keep one of the two", fault.ToString());
    }

    [Fact]
    public void One_of_epochs_and_steps_is_needed()
    {
        JobFault fault = Fault(With("  epochs: 2\n", ""));
        Assert.Equal("'training' needs one of epochs, steps", fault.Message);
        Assert.Equal("'training' needs one of epochs, steps", Fault(With("epochs: 2", "epochs:")).Message);
    }

    [Fact]
    public void A_job_has_one_source_of_data()
    {
        Assert.Equal("'data' needs one of dataset, idx, cifar, csv, text, pairs, images, captions, tensors", Fault(With("dataset: digits", "limit: 5")).Message);
        Assert.Equal("'dataset' and 'tensors' exclude each other: keep one of the two", Fault(With("dataset: digits", "dataset: digits, tensors: { path: a }")).Message);
    }

    [Theory]
    [InlineData("- flatten", "- flaten", "'model[0]' has no 'flaten': did you mean 'flatten'?")]
    [InlineData("- flatten", "- desne: { units: 3 }", "'model[0]' has no 'desne': did you mean 'dense'?")]
    [InlineData("- flatten", "- dense", "'dense' needs keys: write dense: { units: ... }")]
    [InlineData("- flatten", "- dense:", "'dense' needs 'units': a whole number from 1 to 16777216")]
    [InlineData("- flatten", "- flatten: { size: 3 }", "'flatten' has no 'size': available: name")]
    [InlineData("- flatten", "- 3", $"'model[0]': expected one of {Layers}, found 3")]
    [InlineData("- flatten", "- [relu]", $"'model[0]': expected one of {Layers}, found a list")]
    [InlineData("- flatten", "- {}", $"'model[0]': expected one of {Layers}, found an empty map")]
    [InlineData("- flatten", "- { relu: , tanh: }", $"'model[0]': expected one of {Layers}, found a map with the keys relu, tanh")]
    [InlineData("- flatten", "- { relu: , name: first }", "'name' belongs inside 'relu': write relu: { name: ... }")]
    [InlineData("- flatten", "- { relu: , slope: 3 }", "'slope' cannot stand beside 'relu'")]
    [InlineData("softmaxCrossEntropy", "huber", "'loss' has no 'huber': available: softmaxCrossEntropy, binaryCrossEntropy, l1, l2, hinge, multiclassHinge, perceptron")]
    [InlineData("softmaxCrossEntropy", "softmaxCrossEntropi", "'loss' has no 'softmaxCrossEntropi': did you mean 'softmaxCrossEntropy'?")]
    [InlineData("softmaxCrossEntropy", "{ l2: { reduction: total } }", "'reduction' has no 'total': available: mean, sum")]
    [InlineData("dataset: digits", "dataset: digit", "'dataset' has no 'digit': did you mean 'digits'?")]
    [InlineData("dataset: digits", "dataset: digits, validation: fraction", "'fraction' needs a value: write fraction: followed by a number above 0 and below 1")]
    [InlineData("dataset: digits", "dataset: digits, validation: { fraction: 1 }", "'fraction': expected a number above 0 and below 1, found 1")]
    [InlineData("dataset: digits", "dataset: digits, transforms: [subtractMean: pixel]", "'subtractMean' has no 'pixel': available: perPixel, perChannel")]
    public void A_choice_names_what_there_is(string part, string replacement, string message) =>
        Assert.Equal(message, Fault(With(part, replacement)).Message);

    [Theory]
    [InlineData("epochs: 2", "epochs: 2\n  mode: asynchronous", "'asynchronous' is not available in this version; available: synchronous")]
    [InlineData("epochs: 2", "epochs: 2\n  mode: { localSteps: 3 }", "'localSteps' is not available in this version; available: synchronous")]
    public void What_the_format_has_and_this_version_has_not_is_said_so(string part, string replacement, string message) =>
        Assert.Equal(message, Fault(With(part, replacement)).Message);

    [Theory]
    [InlineData("- flatten", "- conv2d: { filters: 6, kernel: [5] }", "'kernel': expected a whole number from 1 to 65536, or two of them, [vertical, horizontal], found a list")]
    [InlineData("- flatten", "- conv2d: { filters: 6, kernel: [5, 0] }", "'kernel[1]': expected a whole number from 1 to 65536, found 0")]
    [InlineData("- flatten", "- conv2d: { filters: 6, kernel: { vertical: 5 } }", "'kernel': expected a whole number from 1 to 65536, or two of them, [vertical, horizontal], found a map with the key vertical")]
    [InlineData("- flatten", "- conv2d: { filters: 6, kernel: five }", "'kernel': expected a whole number from 1 to 65536, or two of them, [vertical, horizontal], found the text 'five'")]
    [InlineData("- flatten", "- maxPool2d: { kernel: 2, countPadding: true }", "'maxPool2d' has no 'countPadding': available: kernel, stride, padding, name")]
    public void The_numbers_of_an_images_axes_are_one_or_two(string part, string replacement, string message) =>
        Assert.Equal(message, Fault(With(part, replacement)).Message);

    [Fact]
    public void All_faults_come_at_once_in_the_order_of_their_places()
    {
        const string text = """
            nmae: x
            seed: -1
            data: { dataset: digits, shufle: false }
            model:
              - flatten
              - dens: { units: 10 }
              - dense: { units: ten }
            training:
              loss: softmaxCrossEntropy
              epochs: 2
              steps: 3
              batch: 32
              shards: 12
              optimizer: { sgd: { learningRate: 0.1, nesterov: true } }
            evaluation: { metrics: [accuracy, mse, exactMtch] }
            target: { accuracy: 2 }
            """;
        JobFaultException exception = Assert.Throws<JobFaultException>(() => Parse(text));
        Assert.Equal(
            """
            job.yaml(1,1): a job file has no 'nmae': did you mean 'name'?
            job.yaml(2,7): 'seed': expected a whole number from 0 up, found -1
            job.yaml(3,26): 'data' has no 'shufle': did you mean 'shuffle'?
            job.yaml(6,5): 'model[1]' has no 'dens': did you mean 'dense'?
            job.yaml(7,21): 'units': expected a whole number from 1 to 16777216, found the text 'ten'
            job.yaml(11,3): 'epochs' and 'steps' exclude each other: keep one of the two
            job.yaml(13,11): 'shards': expected a power of two from 1 to 4096, found 12
            job.yaml(14,52): 'nesterov' needs momentum: give 'momentum' too, 0.9 for instance
            job.yaml(15,40): 'metrics[2]' has no 'exactMtch': did you mean 'exactMatch'?
            job.yaml(16,21): 'accuracy': expected a number from 0 to 1, found 2
            """.ReplaceLineEndings("\n"),
            exception.Message);
        Assert.Equal(10, exception.Faults.Count);
    }

    [Fact]
    public void More_than_a_hundred_faults_are_counted_and_not_listed()
    {
        string text = string.Concat(Enumerable.Range(0, 250).Select(i => $"zzzzzzzz{i}: 1\n")) + Minimal;
        IReadOnlyList<JobFault> faults = Faults(text);
        Assert.Equal(101, faults.Count);
        Assert.Equal("job.yaml: and 150 more faults", faults[^1].ToString());
    }
}
