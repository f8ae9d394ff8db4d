using Lockstep.Cli.Inspection;
using Lockstep.Cli.Pictures;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Engine.Serialization;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary><c>sample</c> and <c>caption</c>.</summary>
public sealed class WritingTests : IDisposable
{
    private const string TextJob = """
        name: text
        data: { text: { path: text.txt, unit: character } }
        model: [ embedding: { size: 8 }, lstm: { units: 16 }, dense: { units: 4 } ]
        training: { loss: softmaxCrossEntropy, steps: 60, batch: 4, truncatedBptt: { steps: 8 }, optimizer: { adam: { learningRate: 0.03 } } }
        """;

    private const string CaptionJob = """
        name: captions
        data: { captions: { images: images, table: captions.csv, size: 8, unit: word } , transforms: [ scale: 1/255 ] }
        model:
          encoder: [ flatten, dense: { units: 12 } ]
          decoder: [ embedding: { size: 6 }, rnn: { units: 12 }, dense: { units: 7 } ]
        training: { loss: softmaxCrossEntropy, steps: 150, batch: 2, optimizer: { adam: { learningRate: 0.03 } } }
        """;

    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_model_of_a_text_goes_on_with_it()
    {
        _cli.Write("text.txt", string.Concat(Enumerable.Repeat("abcd", 100)));
        var run = new SavedRun(_cli.Folder, TextJob, train: true);
        Assert.True(File.Exists(Path.Combine(Checkpoint.Open(run.Path, Assert.Fail).Path, CheckpointFiles.Vocabulary)));
        string[] root = ["--data-root", _cli.Folder, "--threads", "1"];
        Assert.True(await _cli.RunAsync(["sample", run.Path, "--prime", "abc", "--length", "9", "--temperature", "0", .. root]) == 0, _cli.Error);
        Assert.Equal("abcdabcdabcd\n", _cli.Output.ReplaceLineEndings("\n"));
        Assert.Equal(2, await _cli.RunAsync(["sample", run.Path, "--prime", "abx", .. root]));
        Assert.Contains("--prime: 'x' is not in the vocabulary", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _cli.RunAsync(["caption", run.Path, "a.png", .. root]));
        Assert.Contains("use one that was trained on captions", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _cli.RunAsync(["forecast", run.Path, .. root]));
        Assert.Contains("does not forecast", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_captions_says_what_it_has_learnt_of_each_image()
    {
        string dark = Image("dark.png", 10), light = Image("light.png", 240);
        _cli.Write("captions.csv", "image,caption\ndark.png,a dark night\nlight.png,a light day\n");
        var run = new SavedRun(_cli.Folder, CaptionJob, train: true);
        string[] root = ["--data-root", _cli.Folder, "--threads", "1"];
        Assert.True(await _cli.RunAsync(["caption", run.Path, light, dark, .. root]) == 0, _cli.Error);
        Assert.Equal($"{light}\ta light day\n{dark}\ta dark night\n", _cli.Output.ReplaceLineEndings("\n"));
        Assert.Equal(2, await _cli.RunAsync(["caption", run.Path, Path.Combine(_cli.Folder, "captions.csv"), .. root]));
        Assert.Contains("captions.csv", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _cli.RunAsync(["sample", run.Path, "--prime", "a", .. root]));
        Assert.Contains("Use lockstep caption", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sequences_are_evaluated_with_what_the_models_have_and_no_more()
    {
        string known = Sequences("train", 3), unknown = Sequences("new-tokens", 4);
        string masked = Sequences("masked", 3, TensorData.Of("mask", [2, 4], new float[] { 1, 1, 1, 1, 1, 1, 0, 0 }));
        var run = new SavedRun(_cli.Folder, """
            name: tagger
            data: { tensors: { path: train.safetensors } }
            model: [ embedding: { size: 3 }, rnn: { units: 4 }, dense: { units: 3 } ]
            training: { loss: softmaxCrossEntropy, epochs: 1, batch: 2, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
        string[] root = ["--data-root", _cli.Folder, "--threads", "1"];
        Assert.True(await _cli.RunAsync(["evaluate", run.Path, "--data", known, .. root]) == 0, _cli.Error);
        Assert.Contains("samples 2 of", _cli.Output, StringComparison.Ordinal);
        Assert.Equal(2, await _cli.RunAsync(["evaluate", run.Path, "--data", masked, .. root]));
        Assert.Contains("in this: 'mask'", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _cli.RunAsync(["evaluate", run.Path, "--data", unknown, .. root]));
        Assert.Contains("with no token that training did not have", _cli.Error, StringComparison.Ordinal);
    }

    private string Sequences(string name, int tokens, params TensorData[] more)
    {
        string path = Path.Combine(_cli.Folder, name + ".safetensors");
        using FileStream stream = File.Create(path);
        SafetensorsWriter.Write(stream, [.. more, TensorData.Of("inputs", [2, 4], new long[] { 0, 1, 2, 0, 1, 0, 2, tokens - 1 }), TensorData.Of("targets", [2, 4], new long[] { 0, 1, 2, 0, 1, 0, 2, 1 })]);
        return path;
    }

    private string Image(string name, byte shade)
    {
        string path = _cli.Write(Path.Combine("images", name), "");
        var picture = new Picture(8, 8, 3);
        for (int y = 0; y < 8; y++)
            picture.Row(y).Fill(shade);
        using FileStream stream = File.Create(path);
        PngFile.Write(stream, picture);
        return path;
    }
}
