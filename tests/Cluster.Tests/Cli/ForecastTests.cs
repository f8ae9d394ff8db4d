using System.Globalization;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Functions;
using Lockstep.Engine.Memory;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary><c>forecast</c>.</summary>
public sealed class ForecastTests : IDisposable
{
    private const string Job = """
        name: prices
        data:
          csv: { path: prices.csv, inputs: [close], targets: [close], window: 3, logReturn: [close] }
          transforms: [ standardize ]
        model: [ flatten, dense: { units: 1, name: out } ]
        training: { loss: l2, epochs: 1, batch: 4, optimizer: { sgd: { learningRate: 0.1 } } }
        """;

    private static readonly double[] Prices = [10, 11, 9, 12, 13, 12.5, 14, 13, 15, 15.5, 14, 16];

    private readonly CommandLineFixture _cli = new();

    public ForecastTests() => _cli.Write("prices.csv", Table("close", Prices));

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Prices_go_on_from_the_last_row_each_from_those_before()
    {
        var run = new SavedRun(_cli.Folder, Job);
        string file = Path.Combine(_cli.Folder, "f.csv");
        Assert.True(await _cli.RunAsync("forecast", run.Path, "--steps", "3", "--output", file, "--data-root", _cli.Folder) == 0, _cli.Error);
        RequireForecast(run, Prices, File.ReadAllLines(file));
        Assert.Contains("prices.csv: 12 rows", _cli.Output, StringComparison.Ordinal);
        Assert.Matches("(?m)^1 +close +[0-9.]+ +16 +[-+0-9.E]+ logReturn$", _cli.Output);
    }

    [Fact]
    public async Task Another_table_may_be_gone_on_from_with_the_statistics_of_training()
    {
        var run = new SavedRun(_cli.Folder, Job);
        double[] others = [100, 90, 95, 97];
        string table = _cli.Write("others.csv", Table("close", others)), file = Path.Combine(_cli.Folder, "f.csv");
        Assert.True(await _cli.RunAsync("forecast", run.Path, "--data", table, "--steps", "2", "--output", file, "--data-root", _cli.Folder) == 0, _cli.Error);
        RequireForecast(run, others, File.ReadAllLines(file));
    }

    [Fact]
    public async Task What_cannot_be_forecast_is_bad_input()
    {
        string[] root = ["--data-root", _cli.Folder];
        string ahead = new SavedRun(_cli.Folder, Job.Replace("window: 3", "window: 3, horizon: 2", StringComparison.Ordinal)).Path;
        await Refused("so its forecasts cannot be its next inputs", ["forecast", ahead, "--steps", "2", .. root]);
        await Refused("--output f.txt", ["forecast", ahead, "--output", "f.txt", .. root]);
        await Refused("There is no column 'close'", ["forecast", ahead, "--data", _cli.Write("o.csv", Table("open", Prices)), .. root]);
        await Refused("There is no file 'prices.csv'", ["forecast", ahead, "--data-root", Path.Combine(_cli.Folder, "runs")]);
        Assert.Contains("--data-root DIR", _cli.Error, StringComparison.Ordinal);
        string rows = new SavedRun(_cli.Folder, Job.Replace(", window: 3, logReturn: [close]", "", StringComparison.Ordinal)).Path;
        await Refused("trained on csv with 'window'", ["forecast", rows, .. root]);
    }

    private async Task Refused(string message, string[] arguments)
    {
        Assert.Equal(2, await _cli.RunAsync(arguments));
        Assert.Contains(message, _cli.Error, StringComparison.Ordinal);
    }

    /// <summary>The whole forecast once more: a dense layer of the standardized log returns, in double precision.</summary>
    private static unsafe void RequireForecast(SavedRun run, double[] prices, string[] lines)
    {
        Assert.Equal("ahead,column,forecast,noChange,output", lines[0]);
        List<double> returns = [.. prices.Skip(1).Zip(prices, (now, before) => ScalarMath.Log(now / before))];
        double last = prices[^1];
        long weight = run.Plan.Network.Layout["out.weight"].Offset, bias = run.Plan.Network.Layout["out.bias"].Offset;
        using var window = new FloatBuffer(3);
        for (int step = 1; step < lines.Length; step++)
        {
            for (int i = 0; i < 3; i++)
                window.Span[i] = (float)returns[returns.Count - 3 + i];
            using var standardized = new FloatBuffer(3);
            run.Plan.Transforms.Apply(window.Pointer, standardized.Pointer, SampleVisit.Evaluation);
            double output = run.Parameters[bias];
            for (int i = 0; i < 3; i++)
                output += (double)run.Parameters[weight + i] * standardized.Span[i];
            string[] cells = lines[step].Split(',');
            Assert.Equal([$"{step}", "close"], cells[..2]);
            Assert.Equal(output, double.Parse(cells[4], CultureInfo.InvariantCulture), 1e-5);
            Assert.Equal(last, double.Parse(cells[3], CultureInfo.InvariantCulture), 1e-4 * last);
            last *= ScalarMath.Exp(output);
            Assert.Equal(last, double.Parse(cells[2], CultureInfo.InvariantCulture), 1e-4 * last);
            returns.Add(output);
        }
    }

    private static string Table(string name, double[] prices) =>
        name + "\n" + string.Concat(prices.Select(price => price.ToString(CultureInfo.InvariantCulture) + "\n"));
}
