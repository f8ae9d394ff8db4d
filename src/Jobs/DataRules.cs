using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Mapping;

namespace Lockstep.Jobs;

/// <summary>What the keys of <c>data</c> must fulfil together, and with the loss.</summary>
internal static class DataRules
{
    /// <summary>Whether the source itself says what a model is judged by.</summary>
    public static bool HasTestPart(DataSection data) => data.Dataset is not null || data.Cifar?.Test is not null;

    public static void Check(Job job, BindingContext context)
    {
        if (!JobRules.Sound(context, "data") || job.Data is null)
            return;
        ValidationSource(job.Data, context);
        Text(job.Data, context);
        TokenTargets(job, context);
        Classes(job.Data, context);
        Series("data.csv", job.Data.Csv, context);
        Series("data.validation.csv", (job.Data.Validation as CsvValidation)?.Table, context);
    }

    private static void Series(string path, CsvTable? table, BindingContext context)
    {
        if (table is null)
            return;
        if (table.Window is null)
        {
            foreach ((string key, bool given) in new[] { ("horizon", table.Horizon is not null), ("difference", table.Difference is not null), ("logReturn", table.LogReturn is not null) })
            {
                if (given)
                    context.FaultAt($"{path}.{key}", $"'{key}' is for time series: give 'window' too, or leave it out");
            }
            return;
        }
        foreach ((string key, Sequence<string>? columns) in new[] { ("difference", table.Difference), ("logReturn", table.LogReturn) })
        {
            for (int i = 0; i < (columns?.Count ?? 0); i++)
            {
                if (!table.Inputs.Contains(columns![i]) && !table.Targets.Contains(columns[i]))
                    context.FaultAt($"{path}.{key}.{i}", $"column '{Yaml.Shown.Of(columns[i])}' is neither input nor target");
                else if (key == "logReturn" && table.Difference?.Contains(columns[i]) == true)
                    context.FaultAt($"{path}.{key}.{i}", $"column '{Yaml.Shown.Of(columns[i])}' is under 'difference' too: keep one of the two");
            }
        }
    }

    private static void ValidationSource(DataSection data, BindingContext context)
    {
        string kind = Kind(data);
        string? other = data.Validation switch
        {
            null or FractionValidation => null,
            TestValidation => HasTestPart(data) ? null : "test",
            var named => CaseName.Of(named) == kind ? null : "",
        };
        if (other == "test")
            context.FaultAt("data.validation", $"'test' is for data sets known by name: for {kind} write {{ fraction: 0.1 }} or {kind}: of other files");
        else if (other is not null)
            context.FaultAt("data.validation", $"validation comes from a source of the same kind: here {kind}, or {{ fraction: 0.1 }}");
        if (data.Validation is TextValidation text && data.Text is { } trained && text.Files.Unit != trained.Unit)
            context.FaultAt("data.validation.text.unit", "both texts have the same 'unit'");
        if (data.Validation is PairValidation pairs && data.Pairs is { } table && pairs.Table.Unit != table.Unit)
            context.FaultAt("data.validation.pairs.unit", "both tables have the same 'unit'");
        if (data.Validation is ImageValidation images && data.Images is { } folder && images.Folder.Size != folder.Size)
            context.FaultAt("data.validation.images.size", "all images have the same 'size'");
        if (data.Validation is CaptionValidation captions && data.Captions is { } first && (captions.Table.Unit != first.Unit || captions.Table.Size is { } size && size != first.Size))
            context.FaultAt("data.validation.captions", "both have the same 'size' and 'unit'");
    }

    private static void Text(DataSection data, BindingContext context)
    {
        if (data.Text is not null && data.Shuffle && context.WasGiven("data.shuffle"))
            context.FaultAt("data.shuffle", "a text is read in its own order: leave 'shuffle' out");
    }

    private static void TokenTargets(Job job, BindingContext context)
    {
        if (job.Data is { Text: null, Pairs: null, Captions: null } || !JobRules.Sound(context, "training.loss") || job.Training is null)
            return;
        if (!job.Training.Loss.Specification().TakesClasses)
            context.FaultAt("training.loss", $"the targets of {Kind(job.Data)} are tokens, which are classes: use softmaxCrossEntropy, not {CaseName.Of(job.Training.Loss)}");
    }

    private static void Classes(DataSection data, BindingContext context)
    {
        if (data.Classes is not null && data is not { Text: null, Pairs: null, Captions: null })
            context.FaultAt("data.classes", $"{Kind(data)} has no classes to pick: leave 'classes' out");
    }

    private static string Kind(DataSection data) => data switch
    {
        { Dataset: not null } => "test",
        { Idx: not null } => "idx",
        { Cifar: not null } => "cifar",
        { Csv: not null } => "csv",
        { Text: not null } => "text",
        { Pairs: not null } => "pairs",
        { Images: not null } => "images",
        { Captions: not null } => "captions",
        _ => "tensors",
    };
}
