using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Tables;
using Lockstep.Engine.Functions;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

/// <summary>The end of a time series, and what a model's outputs say of the rows after it.</summary>
public sealed class SeriesEndTests : IDisposable
{
    private const string Table = "a,b\n1,10\n2,20\n4,50\n8,40\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_window_ends_with_the_last_row()
    {
        SeriesEnd end = Read(options => options with { Window = 2 });
        Assert.Equal(4, end.Rows);
        Assert.Equal([4f, 50, 8, 40], end.Window.ToArray());
        Assert.Equal(new SeriesForecast(41.5, 40), end.Forecast(1, 41.5f));
        Assert.Equal(["a", "b"], end.Targets.Select(target => target.Name));
    }

    [Fact]
    public void Changes_are_taken_of_the_window_and_undone_in_the_forecast()
    {
        SeriesEnd end = Read(options => options with { Window = 3, LogReturn = ["a"], Difference = ["b"] });
        float doubled = (float)ScalarMath.Log(2.0);
        Assert.Equal([doubled, 10, doubled, 30, doubled, -10], end.Window.ToArray());
        Assert.Equal(new SeriesForecast(8 * ScalarMath.Exp((double)0.5f), 8), end.Forecast(0, 0.5f));
        Assert.Equal(new SeriesForecast(37.5, 40), end.Forecast(1, -2.5f));
        Assert.Equal(["logReturn", "difference"], end.Targets.Select(target => target.ChangeName));
    }

    [Fact]
    public void What_is_forecast_is_the_next_row_of_the_window()
    {
        // The targets are the inputs in another order.
        SeriesEnd end = Read(options => options with { Window = 2, Targets = ["b", "a"], LogReturn = ["a"], Difference = ["b"] });
        float[] window = end.Window.ToArray();
        end.Append([5, -0.5f]);
        Assert.Equal([window[2], window[3], -0.5f, 5], end.Window.ToArray());
        end.Append([1, 0.25f]);
        Assert.Equal([-0.5f, 5, 0.25f, 1], end.Window.ToArray());
        Assert.Equal(new SeriesForecast(46 + 2, 46), end.Forecast(0, 2));
        double a = 8 * ScalarMath.Exp(-0.5) * ScalarMath.Exp(0.25);
        Assert.Equal(new SeriesForecast(a * ScalarMath.Exp(1.0), a), end.Forecast(1, 1));
    }

    [Fact]
    public void Further_ahead_a_change_stays_a_change()
    {
        SeriesEnd end = Read(options => options with { Window = 1, Horizon = 3, Difference = ["b"] });
        Assert.Equal(new SeriesForecast(0.5, 0), end.Forecast(1, 0.5f));
        Assert.Equal(new SeriesForecast(9, 8), end.Forecast(0, 9));
        Assert.Contains("3 rows ahead", end.CannotFeedBack, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => end.Append([0, 0]));
    }

    [Fact]
    public void What_cannot_go_on_is_refused()
    {
        Assert.Contains("its inputs are not", Read(options => options with { Window = 1, Targets = ["b"] }).CannotFeedBack, StringComparison.Ordinal);
        Assert.Contains("too few for a window of 4, with one row more", Assert.Throws<DataException>(() => Read(options => options with { Window = 4, Difference = ["a"] })).Message, StringComparison.Ordinal);
        Assert.Equal(4, Read(options => options with { Window = 4 }).Window.Length / 2);
        Assert.Contains("no time series", Assert.Throws<DataException>(() => Read(options => options)).Message, StringComparison.Ordinal);
        string path = _folder.Write("n.csv", "a,b\n1,2\n2,-1\n");
        Assert.Contains("not above 0", Assert.Throws<DataException>(() => SeriesEnd.Read(new CsvOptions(path, ["a"]) { Targets = ["b"], Window = 1, LogReturn = ["b"] })).Message, StringComparison.Ordinal);
    }

    private SeriesEnd Read(Func<CsvOptions, CsvOptions> change) =>
        SeriesEnd.Read(change(new CsvOptions(_folder.Write("t.csv", Table), ["a", "b"]) { Targets = ["a", "b"] }));
}
