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
