using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;
using Lockstep.Engine.Data.Tables;
using Lockstep.Jobs;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep forecast</c>: how a saved model lets a time series go on.</summary>
internal sealed class ForecastCommand : ICommandDefinition
{
    private readonly Argument<string> _checkpoint = new("CHECKPOINT")
    {
        Description = "A checkpoint's folder, or a run directory, of which the newest sound checkpoint is taken.",
    };

    private readonly Option<string> _data = new("--data")
    {
        Description = "The table to go on from, with the job's columns. Default: the one that the model was trained on, to its last row.",
        HelpName = "FILE",
    };

    private readonly Option<int> _steps = SharedOptions.Positive("--steps", "How many rows are forecast, each from those before: where the inputs are the targets, one row ahead. Default: 1.");

    private readonly Option<string> _output = new("--output")
    {
        Description = "Write the table into this .csv file too. An existing one is replaced.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    public string[] Examples =>
    [
        "lockstep forecast runs/prices-20260101-120000",
        "lockstep forecast runs/prices-20260101-120000 --data today.csv --steps 5 --output forecast.csv",
        "A line a row and column: how many rows ahead, the column, its forecast, its last known value (of --steps the forecast of the row",
        "before), and what the model gave.",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("forecast", "Go on from the last row of a time series.") { _checkpoint, _data, _steps, _output, _set, _dataRoot, _threads };
        command.SetAction(parsed => Forecast(parsed, services));
        return command;
    }

    private unsafe int Forecast(ParseResult parsed, CommandServices services)
    {
        string? file = parsed.GetValue(_output);
        if (file is not null && !file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"--output {file}: forecasts are written as .csv. Give the file this ending.");
        using var model = SavedModel.Open(
            parsed.GetRequiredValue(_checkpoint), new JobOverrides { Set = parsed.GetValue(_set)! }, parsed.GetValue(_dataRoot),
            warning => services.Error.WriteLine("warning: " + warning));
        CsvOptions table = Forecasting.TableOf(model, parsed.GetValue(_data));
        SeriesEnd end = SeriesEnd.Read(table);
        int steps = parsed.GetResult(_steps) is null ? 1 : parsed.GetValue(_steps), threads = parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads);
        IReadOnlyList<ForecastLine> lines = Forecasting.Of(model.Plan, model.Parameters.Pointer, table, end, steps, threads);
        services.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table.Path}: {end.Rows} rows"));
        foreach (string line in Aligned(lines))
            services.Output.WriteLine(line);
        if (file is not null)
        {
            WriteTable(file, lines);
            services.Output.WriteLine($"forecast {file}");
        }
        return ExitCode.Ok;
    }

    private static IEnumerable<string> Aligned(IReadOnlyList<ForecastLine> lines)
    {
        string[][] rows =
        [
            ["ahead", "column", "forecast", "no change", "output"],
            .. lines.Select(line => (string[])
            [
                line.Ahead.ToString(CultureInfo.InvariantCulture), line.Target.Name,
                line.Forecast.Value.ToString("G7", CultureInfo.InvariantCulture), line.Forecast.Naive.ToString("G7", CultureInfo.InvariantCulture),
                $"{line.Output.ToString("G7", CultureInfo.InvariantCulture)} {line.Target.ChangeName}".TrimEnd(),
            ]),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        return rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private static void WriteTable(string file, IReadOnlyList<ForecastLine> lines)
    {
        using var writer = new StreamWriter(file) { NewLine = "\n" };
        writer.WriteLine("ahead,column,forecast,noChange,output");
        foreach (ForecastLine line in lines)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line.Ahead},{Quoted(line.Target.Name)},{line.Forecast.Value:R},{line.Forecast.Naive:R},{line.Output:R}"));
    }

    // As RFC 4180 says.
    private static string Quoted(string cell) => cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
