using System.Globalization;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Tables;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Mapping;
using Transforms = Lockstep.Engine.Data.Transforms;

namespace Lockstep.Jobs.Planning;

/// <summary>What a job's <c>data</c> means for the engine, with paths resolved for this machine.</summary>
public static class JobData
{
    /// <exception cref="FileNotFoundException">A file is in none of the places where it may be.</exception>
    public static DataSpec DataSpec(this Job job, JobSource files) => new(Source(job, files))
    {
        Classes = job.Data.Classes,
        Limit = job.Data.Limit,
        Validation = Validation(job, files),
        Shuffle = job.Data.Shuffle,
        Transforms = [.. job.Data.Transforms.Select(Transform)],
    };

    private static SourceSpec Source(Job job, JobSource files) => job.Data switch
    {
        { Dataset: { } name } => new NamedSource(NameOf(name)),
        { Idx: { } idx } => Idx(idx, files),
        { Cifar: { } cifar } => Cifar(cifar, files),
        { Csv: { } csv } => Csv(csv, job, files),
        { Text: { } text } => Text(text, job, files),
        { Pairs: { } pairs } => Pairs(pairs, files),
        { Images: { } images } => Images(images, files),
        { Captions: { } captions } => Captions(captions, files),
        { Tensors: { } tensors } => new TensorsSource(files.Resolve(tensors.Path)),
        _ => throw new InvalidOperationException("A resolved job has a source of data."),
    };

    private static ValidationSpec? Validation(Job job, JobSource files) => job.Data.Validation switch
    {
        null => null,
        TestValidation => new OwnValidation(),
        Format.FractionValidation part => new Lockstep.Engine.Data.FractionValidation(part.Fraction),
        IdxValidation idx => new SourceValidation(Idx(idx.Files, files)),
        CifarValidation cifar => new SourceValidation(new CifarSource(files.ResolvePattern(cifar.Files.Train))),
        TextValidation text => new SourceValidation(Text(text.Files, job, files)),
        PairValidation pairs => new SourceValidation(Pairs(pairs.Table, files)),
        ImageValidation images => new SourceValidation(Images(images.Folder, files)),
        CaptionValidation captions => new SourceValidation(Captions(captions.Table, files)),
        CsvValidation csv => new SourceValidation(Csv(csv.Table, job, files)),
        TensorValidation tensors => new SourceValidation(new TensorsSource(files.Resolve(tensors.File.Path))),
        var other => throw new InvalidOperationException($"The engine has nothing for {other}."),
    };

    private static CifarSource Cifar(CifarFiles cifar, JobSource files) =>
        new(files.ResolvePattern(cifar.Train), cifar.Test is null ? null : files.ResolvePattern(cifar.Test));

    private static TextSource Text(TextFiles text, Job job, JobSource files) => new(files.ResolvePattern(text.Path), Unit(text.Unit), job.Training.Batch);

    private static PairsSource Pairs(PairTable table, JobSource files) => new(files.Resolve(table.Path), Unit(table.Unit), table.Header);

    private static ImagesSource Images(ImageFolder folder, JobSource files) => new(files.ResolveFolder(folder.Path), folder.Size);

    private static CaptionsSource Captions(CaptionTable table, JobSource files) =>
        new(files.ResolveFolder(table.Images), files.Resolve(table.Table), table.Size, Unit(table.Unit), table.Header);

    private static Lockstep.Engine.Data.Text.TextUnit Unit(TextUnit unit) =>
        unit == TextUnit.Word ? Lockstep.Engine.Data.Text.TextUnit.Word : Lockstep.Engine.Data.Text.TextUnit.Character;

    private static IdxSource Idx(IdxFiles idx, JobSource files) => new(files.Resolve(idx.Images), files.Resolve(idx.Labels));

    private static CsvSource Csv(CsvTable table, Job job, JobSource files)
    {
        IReadOnlyList<CsvColumn> targets = [.. table.Targets.Select(Column)];
        var options = new CsvOptions(files.Resolve(table.Path), [.. table.Inputs.Select(Column)])
        {
            Header = table.Header,
            Window = table.Window,
            Horizon = table.Horizon ?? 1,
            Difference = [.. (table.Difference ?? []).Select(Column)],
            LogReturn = [.. (table.LogReturn ?? []).Select(Column)],
        };
        // A loss on classes has one target, the class; a loss on values has as many as the table names.
        return new CsvSource(job.LossSpec().TakesClasses
            ? options with { Classes = targets[0] }
            : options with { Targets = targets });
    }

    private static CsvColumn Column(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : text;

    private static Transforms.TransformSpec Transform(Transform transform) => transform switch
    {
        ScaleTransform scale => new Transforms.ScaleTransform((float)scale.Factor),
        SubtractMeanTransform { Scope: MeanScope.PerPixel } => new Transforms.SubtractMeanTransform(Transforms.MeanKind.PerPixel),
        SubtractMeanTransform => new Transforms.SubtractMeanTransform(Transforms.MeanKind.PerChannel),
        StandardizeTransform => new Transforms.StandardizeTransform(),
        WhitenTransform whiten => new Transforms.WhitenTransform(whiten.Pca.Components, whiten.Pca.Epsilon),
        RandomCropTransform crop => new Transforms.RandomCropTransform(crop.Size, crop.Padding),
        RandomFlipTransform => new Transforms.RandomFlipTransform(),
        OneHotTransform oneHot => new Transforms.OneHotTransform(oneHot.Size),
        _ => throw new InvalidOperationException($"The engine has nothing for {transform}."),
    };

    private static string NameOf(BuiltInDataSet dataSet) => dataSet switch
    {
        BuiltInDataSet.Digits => "digits",
        BuiltInDataSet.Mnist => "mnist",
        BuiltInDataSet.FashionMnist => "fashionMnist",
        BuiltInDataSet.Cifar10 => "cifar10",
        _ => throw new InvalidOperationException($"The engine has no data set {dataSet}."),
    };
}
