using System.Globalization;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Tables;
using Lockstep.Engine.Functions;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed class SeriesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_window_of_rows_has_the_target_so_many_rows_after_its_last()
    {
        DataSet data = Load("a,b\n1,10\n2,20\n3,30\n4,40\n5,50\n", options => options with { Window = 2, Horizon = 2 }).Training;
        Assert.Equal(2, data.Count);
        Assert.Equal([2, 2], data.InputShape);
        Assert.Equal([1f, 10, 2, 20], data.Input(0));
        Assert.Equal([40f], data.Target(0));
        Assert.Equal([2f, 20, 3, 30], data.Input(1));
        Assert.Equal([50f], data.Target(1));
    }

    [Fact]
    public void Changes_are_taken_in_double_precision_and_the_first_row_has_none()
    {
        DataSet data = Load("a,b\n1000000.001,10\n1000000.002,20\n1000000.004,5\n", options => options with { Window = 1, Difference = ["a"], LogReturn = [1] }).Training;
        Assert.Equal(1, data.Count);
        Assert.Equal([(float)(1000000.002 - 1000000.001), (float)ScalarMath.Log(2)], data.Input(0));
        Assert.Equal([(float)ScalarMath.Log(0.25)], data.Target(0));
    }

    [Fact]
    public void Classes_are_those_of_the_target_row()
    {
        string path = _folder.Write("t.csv", "x,c\n1,up\n2,down\n3,up\n4,flat\n");
        DataSet data = DataSets.Csv(new CsvOptions(path, ["x"]) { Classes = "c", Window = 2 });
        Assert.Equal(["down", "flat", "up"], data.ClassNames);
        Assert.Equal([2, 1], data.Classes());
    }

    /// <summary>Every number says in which row it stood, so what a sample has seen can be read off it.</summary>
    [Fact]
    public void Windows_of_the_two_parts_never_share_a_row_and_none_looks_ahead() =>
        Gen.Select(Gen.Int[8, 60], Gen.Int[1, 6], Gen.Int[1, 4], Gen.Double[0.05, 0.9], Gen.Bool).Sample(
            (rows, window, horizon, fraction, differences) =>
            {
                // The differences of squares are 2t − 1: they too tell the row.
                string table = "a,b\n" + string.Concat(Enumerable.Range(0, rows).Select(t => string.Create(CultureInfo.InvariantCulture, $"{(differences ? t * t : t)},{t}\n")));
                DataParts parts;
                try
                {
                    parts = Load(table, options => options with { Window = window, Horizon = horizon, Difference = differences ? ["a"] : [] }, new FractionValidation(fraction));
                }
                catch (DataException fault)
                {
                    Assert.Contains("too few for a window", fault.Message, StringComparison.Ordinal);
                    return;
                }
                List<int> trained = Rows(parts.Training), validated = Rows(parts.Validation!);
                int cut = rows - (int)decimal.Floor((decimal)fraction * rows);
                Assert.All(trained, row => Assert.InRange(row, 0, cut - 1));
                Assert.All(validated, row => Assert.InRange(row, cut, rows - 1));

                List<int> Rows(DataSet part)
                {
                    var seen = new List<int>();
                    for (int sample = 0; sample < part.Count; sample++)
                    {
                        float[] input = part.Input(sample);
                        int target = (int)part.Target(sample)[0];
                        for (int i = 0; i < window; i++)
                        {
                            int row = (int)input[2 * i + 1];
                            Assert.Equal(target - horizon - window + 1 + i, row);
                            Assert.Equal(differences ? 2 * row - 1 : row, input[2 * i]);
                            seen.Add(row);
                            if (differences)
                                seen.Add(row - 1);
                        }
                        seen.Add(target);
                    }
                    return seen;
                }
            },
            threads: 1,
            iter: 300);

    [Fact]
    public void A_limit_counts_rows()
    {
        string table = "a,b\n" + string.Concat(Enumerable.Range(0, 20).Select(t => $"{t},{t}\n"));
        DataParts parts = Load(table, options => options with { Window = 2 }, new FractionValidation(0.5), limit: 10);
        Assert.Equal(3, parts.Training.Count);
        Assert.Equal([9f], parts.Validation!.Target(2));
    }

    [Fact]
    public void Another_table_is_validated_with_windows_of_its_own()
    {
        string other = _folder.Write("other.csv", "a,b\n7,8\n9,10\n");
        DataParts parts = Load("a,b\n1,2\n3,4\n5,6\n", options => options with { Window = 1 }, new SourceValidation(new CsvSource(new CsvOptions(other, ["a", "b"]) { Targets = ["b"], Window = 1 })));
        Assert.Equal(2, parts.Training.Count);
        Assert.Equal([7f, 8], parts.Validation!.Input(0));
        Assert.Contains("not those of", Assert.Throws<DataException>(() => Load(
            "a,b\n1,2\n3,4\n5,6\n", options => options with { Window = 1 }, new SourceValidation(new CsvSource(new CsvOptions(other, ["a", "b"]) { Targets = ["b"], Window = 1, Horizon = 2 })))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", 1, 1, "too few")]
    [InlineData("a,b\n1,2\n3,4\n", 2, 1, "too few")]
    [InlineData("a,b\n1,2\n3,4\n", 0, 1, "at least 1")]
    [InlineData("a,b\n1,2\n3,4\n", 1, 0, "at least 1")]
    [InlineData("a,b\n1,2\n1e39,4\n3,5\n", 1, 1, "not finite in single")]
    [InlineData("a,b\n1,2\n1e999,4\n3,5\n", 1, 1, "not finite in double")]
    public void A_fault_is_told(string table, int window, int horizon, string reason) =>
        Assert.Contains(reason, Assert.Throws<DataException>(() => Load(table, options => options with { Window = window, Horizon = horizon })).Message, StringComparison.Ordinal);

    [Fact]
    public void Changes_that_make_no_sense_are_refused()
    {
        const string table = "a,b,c\n1,2,3\n-1,4,3\n5,6,3\n";
        Assert.Contains("Row 2", Fault(options => options with { Window = 1, LogReturn = ["a"] }), StringComparison.Ordinal);
        Assert.Contains("neither input nor target", Fault(options => options with { Window = 1, LogReturn = ["c"] }), StringComparison.Ordinal);
        Assert.Contains("Both the difference", Fault(options => options with { Window = 1, LogReturn = ["b"], Difference = [1] }), StringComparison.Ordinal);

        string Fault(Func<CsvOptions, CsvOptions> with) => Assert.Throws<DataException>(() => Load(table, with)).Message;
    }

    [SkippableFact]
    public void Log_returns_of_the_index_are_small()
    {
        string? folder = Environment.GetEnvironmentVariable("LOCKSTEP_DATA");
        Skip.If(folder is null || !File.Exists(Path.Combine(folder, "sp500/sp500-2000.csv")), "LOCKSTEP_DATA has no sp500/sp500-2000.csv.");
        DataSet data = DataSets.Csv(new CsvOptions(Path.Combine(folder!, "sp500/sp500-2000.csv"), ["close"]) { Targets = ["close"], Window = 30, LogReturn = ["close"] });
        Assert.InRange(data.Count, 5_000, 5_200);
        Assert.All(data.Input(0), value => Assert.InRange(value, -0.2f, 0.2f));
    }

    private DataParts Load(string table, Func<CsvOptions, CsvOptions> with, ValidationSpec? validation = null, int? limit = null) =>
        DataSets.Load(
            new DataSpec(new CsvSource(with(new CsvOptions(_folder.Write("series.csv", table), ["a", "b"]) { Targets = ["b"] }))) { Validation = validation, Limit = limit },
            new(null, null));
}
