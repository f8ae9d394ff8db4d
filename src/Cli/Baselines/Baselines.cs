using Lockstep.Cli.Exits;
using Lockstep.Engine.Data;
using Lockstep.Jobs;
using Lockstep.Jobs.Format;

namespace Lockstep.Cli.Baselines;

/// <summary>The baselines that suit a job: all they know is its training part, and they are judged as its model is, by its validation part.</summary>
internal static class Baselines
{
    /// <exception cref="InputException">The job has no validation part, or nothing is known to compare it with.</exception>
    public static IReadOnlyList<Baseline> Of(Job job, DataParts data)
    {
        DataSet validation = data.Validation ?? throw new InputException(
            "The job has no validation part, and a baseline is judged by one. Give 'data.validation', { fraction: 0.1 } for instance.");
        if (data.Training.IsStream)
            return TextBaselines.Of(data.Training, validation);
        if (!data.Training.HasClasses)
            return ValueBaselines.Of(data.Training, validation, PresentColumns(job.Data.Csv));
        return data.Training.TargetSteps == 0
            ? [MostFrequentClass.Of(data.Training, validation)]
            : throw new InputException("The job writes sequences, which no simple forecast can: there is no baseline for it.");
    }

    // Where the value that a target had at the window's last row stands there: an input column, or nowhere for a target that is a change, whose naive forecast is 0.
    private static IReadOnlyList<PresentColumn>? PresentColumns(CsvTable? table)
    {
        if (table?.Window is null)
            return null;
        string[] changes = [.. (table.Difference ?? []).Concat(table.LogReturn ?? [])];
        return [.. table.Targets.Select(target => new PresentColumn(target, changes.Contains(target), table.Inputs.ToList().IndexOf(target)))];
    }
}
