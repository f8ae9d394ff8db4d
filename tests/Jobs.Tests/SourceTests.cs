using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Jobs.Planning;
using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

/// <summary>What the sources and transforms of the job file become, and what they must fulfil.</summary>
public sealed class SourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-sources-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("cifar: { train: a, test: b }")]
    [InlineData("text: { path: a }, validation: { text: { path: b } }")]
    [InlineData("text: { path: 'books/*.txt', unit: word }, validation: { fraction: 0.1 }")]
    [InlineData("pairs: { path: a.csv }, validation: { pairs: { path: b.csv, header: false } }")]
    [InlineData("images: { path: a, size: 64 }, validation: { images: { path: b, size: 64 } }")]
    [InlineData("captions: { images: a, table: b.csv }, validation: { captions: { images: c, table: d.csv } }")]
    [InlineData("captions: { images: a, table: b.csv, size: 8, unit: character }, validation: { captions: { images: c, table: d.csv, size: 8, unit: character } }")]
    [InlineData("csv: { path: a.csv, inputs: [x, 1], targets: [x], window: 5, difference: [x], logReturn: [1] }")]
    public void The_text_of_a_resolved_job_reads_back_as_the_same_job(string source)
    {
        Job job = Parse(WithSource(source));
        string text = JobText.Write(job);
        Assert.Equal(job, Parse(text));
        Assert.Equal(text, JobText.Write(Parse(text)));
    }

    [Fact]
    public void A_text_is_canonical_with_every_default() => Assert.Contains(
        """
        data:
          text:
            path: a.txt
            unit: character
          shuffle: false
          transforms:
            - oneHot
            - oneHot: 7
            - whiten:
                pca:
                  components: 3
                  epsilon: 1e-05
            - randomCrop:
                size: 4
                padding: 0
            - randomFlip: horizontal

        """.ReplaceLineEndings("\n"),
        JobText.Write(Parse(WithSource("text: { path: a.txt }, transforms: [oneHot, { oneHot: 7 }, { whiten: { pca: { components: 3 } } }, { randomCrop: { size: 4 } }, randomFlip]"))),
        StringComparison.Ordinal);

    [Fact]
    public void Every_source_reaches_the_engine_with_its_files_found()
    {
        foreach (string file in new[] { "a.bin", "b1.txt", "b2.txt", "t.csv" })
            File.WriteAllText(At(file), "");
        Directory.CreateDirectory(At("img"));
        var files = new JobSource(_folder, null);
        Assert.Equal(new CifarSource(At("a.bin"), At("b?.txt")), Spec("cifar: { train: a.bin, test: 'b?.txt' }").Source);
        Assert.Equal(new TextSource(At("b*.txt"), TextUnit.Word, Lanes: 32), Spec("text: { path: 'b*.txt', unit: word }").Source);
        Assert.Equal(new PairsSource(At("t.csv"), TextUnit.Word, Header: true), Spec("pairs: { path: t.csv }").Source);
        Assert.Equal(new ImagesSource(At("img"), 64), Spec("images: { path: img, size: 64 }").Source);
        Assert.Equal(new CaptionsSource(At("img"), At("t.csv"), 8, TextUnit.Character, Header: false), Spec("captions: { images: img, table: t.csv, size: 8, unit: character, header: false }").Source);
        Assert.Equal(new SourceValidation(new TextSource(At("b1.txt"), TextUnit.Character, 32)), Spec("text: { path: b2.txt }, validation: { text: { path: b1.txt } }").Validation);
        Assert.Equal(new NamedSource("cifar10"), Spec("dataset: cifar10").Source);

        var csv = ((CsvSource)Spec("csv: { path: t.csv, inputs: [close], targets: [close], window: 30, horizon: 5, logReturn: [close] }").Source).Options;
        Assert.Equal((30, 5), (csv.Window, csv.Horizon));
        Assert.Equal("close", csv.LogReturn[0].Name);
        Assert.Empty(csv.Difference);

        DataSpec Spec(string source) => JobFile.Parse(WithSource(source), "job.yaml", files: files).DataSpec(files);
    }

    [Fact]
    public void Every_transform_reaches_the_engine() => Assert.Equal(
        [new WhitenTransform(3, 0.5), new RandomCropTransform(28, 2), new RandomFlipTransform(), new OneHotTransform(65), new OneHotTransform()],
        Parse(WithSource("dataset: digits, transforms: [{ whiten: { pca: { components: 3, epsilon: 1/2 } } }, { randomCrop: { size: 28, padding: 2 } }, { randomFlip: horizontal }, { oneHot: 65 }, oneHot]"))
            .DataSpec(JobSource.OfFolder(".")).Transforms);

    [Theory]
    [InlineData("cifar: { train: 'x*.bin' }", "'train': there is no file 'x*.bin'")]
    [InlineData("text: { path: none.txt }", "'path': there is no file 'none.txt'")]
    [InlineData("images: { path: none, size: 3 }", "'path': there is no folder 'none'")]
    public void What_is_named_must_be_there(string source, string message)
    {
        var fault = Assert.Throws<JobFaultException>(() => JobFile.Parse(WithSource(source), "job.yaml", files: new JobSource(_folder, null)));
        Assert.StartsWith(message, Assert.Single(fault.Faults).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text: { path: a }, shuffle: true", "a text is read in its own order: leave 'shuffle' out")]
    [InlineData("text: { path: a }, classes: [1]", "text has no classes to pick: leave 'classes' out")]
    [InlineData("pairs: { path: a }, classes: [1]", "pairs has no classes to pick: leave 'classes' out")]
    [InlineData("text: { path: a }, validation: { csv: { path: a, inputs: [x], targets: [y] } }", "validation comes from a source of the same kind: here text, or { fraction: 0.1 }")]
    [InlineData("text: { path: a }, validation: { text: { path: b, unit: word } }", "both texts have the same 'unit'")]
    [InlineData("images: { path: a, size: 3 }, validation: { images: { path: b, size: 4 } }", "all images have the same 'size'")]
    [InlineData("cifar: { train: a }, validation: test", "'test' is for data sets known by name: for cifar write { fraction: 0.1 } or cifar: of other files")]
    [InlineData("csv: { path: a, inputs: [x], targets: [y], horizon: 2 }", "'horizon' is for time series: give 'window' too, or leave it out")]
    [InlineData("csv: { path: a, inputs: [x], targets: [y], logReturn: [x] }", "'logReturn' is for time series: give 'window' too, or leave it out")]
    [InlineData("csv: { path: a, inputs: [x], targets: [y], window: 2, difference: [z] }", "column 'z' is neither input nor target")]
    [InlineData("csv: { path: a, inputs: [x], targets: [y], window: 2, difference: [x], logReturn: [x] }", "column 'x' is under 'difference' too: keep one of the two")]
    [InlineData("images: { path: a }", "'images' needs 'size': a whole number from 1 to 4096")]
    [InlineData("dataset: digits, transforms: [whiten]", "'whiten' needs keys: write whiten: { pca: ... }")]
    [InlineData("dataset: digits, transforms: [{ randomFlip: vertical }]", "'randomFlip' has no 'vertical': available: horizontal")]
    public void Keys_fit_each_other(string source, string message) => Assert.Equal(message, Fault(WithSource(source)).Message);

    [Theory]
    [InlineData("text: { path: a }", "text")]
    [InlineData("pairs: { path: a }", "pairs")]
    [InlineData("captions: { images: a, table: b, size: 3 }", "captions")]
    public void Tokens_are_predicted_with_a_loss_on_classes(string source, string kind) => Assert.Equal(
        $"the targets of {kind} are tokens, which are classes: use softmaxCrossEntropy, not l2",
        Fault(WithSource(source).Replace("softmaxCrossEntropy", "l2", StringComparison.Ordinal)).Message);

    [Fact]
    public void A_job_trains_on_crops_of_another_shape_than_its_images()
    {
        Job job = Parse(WithSource("dataset: digits, transforms: [{ randomCrop: { size: 6, padding: 1 } }, randomFlip, { whiten: { pca: { components: 12 } } }]").Replace("  - flatten\n", "", StringComparison.Ordinal));
        TrainingPlan plan = TrainingPlan.Create(job, JobSource.OfFolder("."));
        Assert.Equal([12], plan.Transforms.OutputShape);
        using var loader = new MinibatchLoader(plan);
        Assert.NotEqual(Inputs(plan.MinibatchAt(0)), Inputs(plan.MinibatchAt(plan.StepsPerEpoch)));
        Assert.Equal(Inputs(plan.EvaluationMinibatch(0)), Inputs(plan.EvaluationMinibatch(0)));
        TrainingPlan restored = TrainingPlan.Create(job, JobSource.OfFolder("."), FittedStatistics.ToBytes(plan.Transforms));
        float[] expected = Inputs(plan.MinibatchAt(1));
        using var second = new MinibatchLoader(restored);
        Assert.Equal(expected, Loaded(second, restored.MinibatchAt(1)));

        float[] Inputs(Minibatch minibatch) => Loaded(loader, minibatch);
    }

    private static unsafe float[] Loaded(MinibatchLoader loader, Minibatch minibatch) => new ReadOnlySpan<float>(loader.Load(minibatch).Inputs, minibatch.Count * 12).ToArray();

    private string At(string name) => Path.Combine(_folder, name);

    private static string WithSource(string source)
    {
        string text = With("dataset: digits", source);
        // A text is trained in chunks.
        return source.StartsWith("text:", StringComparison.Ordinal) ? text.Replace("epochs: 2", "epochs: 2\n  truncatedBptt: { steps: 5 }", StringComparison.Ordinal) : text;
    }
}
