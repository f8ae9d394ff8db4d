using Lockstep.Engine.Functions;

namespace Lockstep.Engine.Data.Tables;

/// <summary>
/// The end of a time series, from which a model goes on: the window up to the last row, and what the target columns had there. Changes that were taken of columns are undone:
/// x(t + 1) = x(t) + d of a difference d, x(t + 1) = x(t)·exp(r) of a log return r.
/// </summary>
public sealed class SeriesEnd
{
    private readonly int[] _inputColumns;
    private readonly SeriesTarget[] _targets;
    private readonly double[] _last;
    private readonly float[] _window;
    private readonly int _horizon;

    private SeriesEnd(SeriesTable table, CsvOptions options)
    {
        (Rows, _horizon, _window) = (table.Rows, options.Horizon, table.LastWindow());
        _inputColumns = [.. table.InputColumns];
        _targets = [.. table.Targets];
        _last = [.. table.LastTargets()];
        foreach ((SeriesTarget target, double last) in _targets.Zip(_last))
        {
            if (target.Change == Change.LogReturn && !(last > 0))
                throw new DataException(options.Path, $"The last row has a number in column '{target.Name}', of which 'logReturn' is taken, that is not above 0.", "Leave the row out.");
        }
    }

    /// <summary>How many rows the table has.</summary>
    public int Rows { get; }

    /// <summary>W rows as the model was trained on them, [W, columns]: changes taken, transforms not applied.</summary>
    public ReadOnlySpan<float> Window => _window;

    /// <summary>The target columns, in the order of the model's outputs.</summary>
    public IReadOnlyList<SeriesTarget> Targets => _targets;

    /// <summary>Why forecasts cannot be fed back as inputs, in words; null where they can.</summary>
    public string? CannotFeedBack =>
        _horizon != 1 ? $"the model says what is {_horizon} rows ahead, and not the rows between"
        : !_inputColumns.Order().SequenceEqual(_targets.Select(target => target.Column).Order()) ? "its inputs are not the columns that it forecasts"
        : null;

    /// <summary>Reads the end of a table.</summary>
    /// <param name="options">The table with its window; its targets are values.</param>
    /// <exception cref="DataException">The table is missing, a cell is not what it should be, or it has too few rows for a window.</exception>
    public static SeriesEnd Read(CsvOptions options)
    {
        if (options.Window is null || options.Classes is not null)
            throw new DataException(options.Path, "It is no time series of values.", "Give 'window', and columns of numbers under 'targets'.");
        return new SeriesEnd(SeriesTable.Read(options), options);
    }

    /// <summary>What a model's output says of a target column, <c>horizon</c> rows after the window.</summary>
    /// <param name="target">Which target.</param>
    /// <param name="output">The model's output for it.</param>
    public SeriesForecast Forecast(int target, float output)
    {
        Change change = _targets[target].Change;
        // The change from one row to the next says where the next one is only where that one is known.
        if (change == Change.None || _horizon > 1)
            return new SeriesForecast(output, change == Change.None ? _last[target] : 0);
        double value = change == Change.Difference ? _last[target] + output : _last[target] * ScalarMath.Exp((double)output);
        return new SeriesForecast(value, _last[target]);
    }

    /// <summary>Takes a model's outputs as the table's next row, and moves the window on by it.</summary>
    /// <param name="outputs">One number a target.</param>
    /// <exception cref="InvalidOperationException">They cannot be fed back: see <see cref="CannotFeedBack"/>.</exception>
    public void Append(ReadOnlySpan<float> outputs)
    {
        if (CannotFeedBack is { } reason)
            throw new InvalidOperationException($"Forecasts cannot be fed back: {reason}.");
        for (int target = 0; target < _targets.Length; target++)
            _last[target] = Forecast(target, outputs[target]).Value;
        int columns = _inputColumns.Length;
        _window.AsSpan(columns).CopyTo(_window);
        Span<float> row = _window.AsSpan(_window.Length - columns);
        for (int column = 0; column < columns; column++)
            row[column] = outputs[Array.FindIndex(_targets, target => target.Column == _inputColumns[column])];
    }
}

/// <summary>A column that a model forecasts.</summary>
/// <param name="Column">Its number from 0.</param>
/// <param name="Name">Its name, or its number where the table has no header.</param>
public sealed record SeriesTarget(int Column, string Name)
{
    /// <summary>What is taken of it.</summary>
    internal Change Change { get; init; }

    /// <summary>What the model gives of it, as the job file calls it; empty for the value itself.</summary>
    public string ChangeName => Change switch
    {
        Change.Difference => "difference",
        Change.LogReturn => "logReturn",
        _ => "",
    };
}

/// <summary>A forecast, with the one that needs no model.</summary>
/// <param name="Value">The value; of a change from a row that is not known, the change.</param>
/// <param name="Naive">The last known value, as though nothing changed; of a change 0.</param>
public readonly record struct SeriesForecast(double Value, double Naive);
