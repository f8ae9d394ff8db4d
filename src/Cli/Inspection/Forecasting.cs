using Lockstep.Cli.Exits;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Tables;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>One line of a forecast.</summary>
/// <param name="Ahead">How many rows after the last known one.</param>
/// <param name="Target">The column.</param>
/// <param name="Output">What the model gave: the value, or the change that is taken of the column.</param>
/// <param name="Forecast">What that says of the column.</param>
internal readonly record struct ForecastLine(int Ahead, SeriesTarget Target, float Output, SeriesForecast Forecast);

/// <summary>What a model of a time series says of the rows that are not there yet.</summary>
internal static unsafe class Forecasting
{
    /// <summary>The table that a model goes on from.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">Another table with the same columns; null for the one that it was trained on, to its end, whatever part was held back.</param>
    /// <exception cref="InputException">The model is none of a time series of values.</exception>
    public static CsvOptions TableOf(SavedModel model, string? file)
    {
        if (model.Plan.Job.DataSpec(model.Source).Source is not CsvSource { Options: { Window: not null } options })
            throw new InputException("The model does not forecast: use one that was trained on csv with 'window'.");
        if (options.Classes is not null)
            throw new InputException("The model tells classes of rows, and a forecast is of values: use one with a loss on values, such as l2.");
        if (model.Plan.Loss.Kind is not (LossKind.L1 or LossKind.L2))
            throw new InputException("The outputs of the model are no values of the columns: use one that was trained with the loss l1 or l2.");
        if (model.Plan.Chunks is not null)
            throw new InputException("The model reads its window in chunks, and a forecast is made of a window as a whole: train without truncatedBptt, or with one not shorter than the window.");
        return file is null ? options : options with { Path = file };
    }

    /// <summary>Goes on from the end of a series.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="parameters">Base of the flat buffer.</param>
    /// <param name="table">What <see cref="TableOf"/> found.</param>
    /// <param name="end">The end of that table; it is moved on by each further step.</param>
    /// <param name="steps">How many rows are forecast, each from those before.</param>
    /// <param name="threads">Compute threads; they change no bit.</param>
    /// <exception cref="InputException">More than one step is asked for, and forecasts cannot be fed back.</exception>
    public static IReadOnlyList<ForecastLine> Of(TrainingPlan plan, float* parameters, CsvOptions table, SeriesEnd end, int steps, int threads)
    {
        if (steps > 1 && end.CannotFeedBack is { } reason)
            throw new InputException($"--steps {steps}: {reason}, so its forecasts cannot be its next inputs. Leave --steps out.");
        using var crew = new ComputeCrew(threads);
        using var replica = new Replica(plan.Network, plan.Loss, [], 1, crew);
        replica.UseParameters(parameters, version: 0);
        using var window = new FloatBuffer(end.Window.Length);
        using var transformed = new FloatBuffer(plan.Transforms.OutputLength);
        float[] outputs = new float[plan.Network.Output.Length];
        var lines = new List<ForecastLine>();
        for (int step = 0; step < steps; step++)
        {
            if (step > 0)
                end.Append(outputs);
            end.Window.CopyTo(window.Span);
            plan.Transforms.Apply(window.Pointer, transformed.Pointer, SampleVisit.Evaluation);
            fixed (float* output = outputs)
                replica.Predict(new Batch { Inputs = transformed.Pointer, Count = 1 }, output);
            for (int target = 0; target < outputs.Length; target++)
                lines.Add(new ForecastLine(step + table.Horizon, end.Targets[target], outputs[target], end.Forecast(target, outputs[target])));
        }
        return lines;
    }
}
