using Lockstep.Engine.Data.Sentences;
using Lockstep.Engine.Data.Tables;
using Lockstep.Engine.Data.Text;

namespace Lockstep.Engine.Data;

/// <summary>Sources whose parts are made together, since they share a vocabulary or are cut before there are samples.</summary>
internal static class JointParts
{
    /// <summary>The parts, or null for a source whose parts are made one by one.</summary>
    /// <exception cref="DataException">The data is missing or wrong, or does not suit the job.</exception>
    public static DataParts? Load(DataSpec spec) => spec.Source switch
    {
        TextSource text => Text(text, spec),
        CsvSource { Options.Window: not null } series => Series(series.Options, spec),
        PairsSource pairs => Pairs(pairs, spec),
        CaptionsSource captions => Captions(captions, spec),
        _ => null,
    };

    private static DataParts Text(TextSource source, DataSpec spec)
    {
        RequireNoClasses(spec, source.Path);
        TextSource? other = Other<TextSource>(spec, source.Path);
        (TextStream training, TextStream? validation) = TextStream.Read(source.Path, other?.Path, source.Unit);
        if (spec.Limit is { } limit)
            training = training.First(DataSets.RequireLimit(limit, source.Path));
        if (spec.Validation is FractionValidation(double fraction))
            (training, validation) = training.Cut(fraction);
        return new DataParts(training.AsLanes(source.Lanes), validation?.AsLanes(source.Lanes));
    }

    private static DataParts Series(CsvOptions options, DataSpec spec)
    {
        CsvOptions? other = Other<CsvSource>(spec, options.Path)?.Options;
        if (other is not null && (other.Window, other.Horizon) != (options.Window, options.Horizon))
            throw new DataException(other.Path, $"Its windows are not those of {options.Path}.", "Give both tables the same 'window' and 'horizon'.");
        SeriesTable table = SeriesTable.Read(options);
        int rows = spec.Limit is { } limit ? Math.Min(DataSets.RequireLimit(limit, options.Path), table.Rows) : table.Rows;
        int last = 0;
        if (spec.Validation is FractionValidation(double fraction))
        {
            DataParts.RequireFraction(options.Path, fraction);
            last = DataParts.Share(fraction, rows);
        }
        DataSet? validation = spec.Validation is FractionValidation
            ? table.Windows(rows - last, last, $"{options.Path} (validation part)")
            : other is null ? null : SeriesTable.Read(other).Windows();
        DataSet training = table.Windows(0, rows - last, last == 0 ? options.Path : $"{options.Path} (training part)");
        return new DataParts(Picked(training, spec), validation is null ? null : Picked(validation, spec));
    }

    private static DataParts Pairs(PairsSource source, DataSpec spec)
    {
        RequireNoClasses(spec, source.Path);
        (DataSet training, DataSet? validation) = PairsDataSet.Read(source, Other<PairsSource>(spec, source.Path));
        training = Limited(training, spec);
        return spec.Validation is FractionValidation(double fraction) ? DataParts.Cut(training, fraction) : new DataParts(training, validation);
    }

    private static DataParts Captions(CaptionsSource source, DataSpec spec)
    {
        RequireNoClasses(spec, source.Table);
        (DataSet training, DataSet? validation) = CaptionsDataSet.Read(source, Other<CaptionsSource>(spec, source.Table));
        training = Limited(training, spec);
        return spec.Validation is FractionValidation(double fraction) ? CaptionsDataSet.Cut(training, source, fraction) : new DataParts(training, validation);
    }

    private static DataSet Limited(DataSet training, DataSpec spec) =>
        spec.Limit is { } limit ? training.Limit(DataSets.RequireLimit(limit, training.Name)) : training;

    private static DataSet Picked(DataSet data, DataSpec spec) => spec.Classes is null ? data : data.OnlyClasses(spec.Classes);

    /// <summary>The other source that is named for validation; null where none is.</summary>
    private static T? Other<T>(DataSpec spec, string name)
        where T : SourceSpec => spec.Validation switch
        {
            null or FractionValidation => null,
            SourceValidation(T other) => other,
            SourceValidation => throw new DataException(name, "It is to be validated on a source of another kind.", "Name a source of the same kind, or a fraction."),
            _ => throw new DataException(name, "It has no test part of its own.", "Use 'validation: { fraction: 0.1 }', or name another source."),
        };

    private static void RequireNoClasses(DataSpec spec, string name)
    {
        if (spec.Classes is not null)
            throw new DataException(name, "Its targets are not one class each, so there are no classes to pick.", "Leave 'classes' out.");
    }
}
