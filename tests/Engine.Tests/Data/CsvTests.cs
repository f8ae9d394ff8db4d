using System.Text;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Tables;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed class CsvTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Columns_are_taken_by_name_in_the_order_asked_for()
    {
        DataSet data = Read("\uFEFFx, y ,\"the \"\"z\"\"\"\r\n1,2,3\r\n-0.5,\"1e-3\", 7 \r\n\r\n", ["the \"z\"", "x"], options => options with { Targets = ["y"] });
        Assert.Equal(2, data.Count);
        Assert.Equal([2], data.InputShape);
        Assert.Equal([1], data.TargetShape);
        Assert.False(data.HasClasses);
        Assert.Equal([3f, 1], data.Input(0));
        Assert.Equal([7f, -0.5f], data.Input(1));
        Assert.Equal([1e-3f], data.Target(1));
    }

    [Fact]
    public void Columns_are_taken_by_number_where_there_is_no_header()
    {
        DataSet data = Read("1,2,3\n4,5,6", [0, 1], options => options with { Targets = [2, 0], Header = false });
        Assert.Equal(2, data.Count);
        Assert.Equal([6f, 4], data.Target(1));
    }

    [Fact]
    public void Whole_numbers_are_classes_as_they_are()
    {
        DataSet data = Read("x,c\n1,0\n2,3\n", ["x"], options => options with { Classes = "c" });
        Assert.Equal([0, 3], data.Classes());
        Assert.Equal(4, data.ClassCount);
    }

    [Fact]
    public void Texts_become_classes_in_the_order_of_their_bytes()
    {
        DataSet data = Read("x,c\n1,virginica\n2,\"Setosa\nB\"\n3,é\n4,virginica\n", ["x"], options => options with { Classes = "c" });
        Assert.Equal(["Setosa\nB", "virginica", "é"], data.ClassNames);
        Assert.Equal([1, 0, 2, 1], data.Classes());
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("x,c\n", "no rows")]
    [InlineData("x,c\n1,2,3\n", "Line 2 has 3 columns, the first line 2")]
    [InlineData("x,c\n\"1\n\",1\nfour,1\n", "In line 4, column 1 (x), 'four' is no number")]
    [InlineData("x,c\n\"1,5\",1\n", "Write decimals with a point")]
    [InlineData("x,c\n1e39,1\n", "not finite")]
    [InlineData("x,c\nNaN,1\n", "not finite")]
    [InlineData("x,c\n,1\n", "'' is no number")]
    [InlineData("x,c\n1,\n", "the class is missing")]
    [InlineData("x,c\n1,99999999\n", "has the class 99999999")]
    [InlineData("x,c\n\n1,2\n", "Line 2 is empty")]
    [InlineData("x,c\n\"1,2\n", "does not end")]
    [InlineData("x,c\n\"1\"2,2\n", "follows the closing")]
    [InlineData("x,c\n1\"2,2\n", "inside a field")]
    [InlineData("x,x,c\n1,2,3\n", "2 columns 'x'")]
    [InlineData("a,c\n1,2\n", "no column 'x'")]
    public void A_fault_is_told_with_its_line_and_column(string table, string reason) =>
        Assert.Contains(reason, Assert.Throws<DataException>(() => Read(table, ["x"], options => options with { Classes = "c" })).Message, StringComparison.Ordinal);

    [Fact]
    public void Faulty_choices_of_columns_are_refused()
    {
        const string table = "x,c\n1,2\n";
        Assert.Throws<DataException>(() => Read(table, [], options => options with { Classes = "c" }));
        Assert.Throws<DataException>(() => Read(table, ["x"], options => options));
        Assert.Throws<DataException>(() => Read(table, ["x"], options => options with { Classes = "c", Targets = ["c"] }));
        Assert.Throws<DataException>(() => Read(table, [2], options => options with { Classes = "c" }));
        Assert.Throws<DataException>(() => Read(table, ["x"], options => options with { Classes = 1, Header = false }));
        Assert.Throws<DataException>(() => DataSets.Csv(new CsvOptions(_folder["missing.csv"], [0]) { Classes = 1 }));
        Assert.Throws<DataException>(() => DataSets.Csv(new CsvOptions(_folder.Write("latin1.csv", [(byte)'x', 0xE9]), [0]) { Classes = 0 }));
    }

    [Fact]
    public void Parts_must_have_the_same_classes()
    {
        DataSet training = Read("x,c\n1,a\n2,b\n", ["x"], options => options with { Classes = "c" });
        DataSet fewer = Read("x,c\n1,a\n", ["x"], options => options with { Classes = "c" });
        DataSet other = Read("x,c\n1,b\n2,a\n3,A\n", ["x"], options => options with { Classes = "c" });
        Assert.Equal(2, new DataParts(training, fewer).Validation!.ClassCount);
        Assert.Equal(2, new DataParts(fewer, training).Training.ClassCount);
        Assert.Throws<DataException>(() => new DataParts(training, other));
        Assert.Throws<DataException>(() => new DataParts(training, Read("x,c\n1,2\n", ["x"], options => options with { Targets = ["c"] })));
        Assert.Throws<DataException>(() => new DataParts(training, Read("x,c\n1,2\n", ["x", "c"], options => options with { Classes = "c" })));
    }

    [Fact]
    public void Any_table_comes_back_as_it_was_quoted() =>
        Gen.Select(Gen.Float.Where(float.IsFinite), Gen.Bool, Gen.String[Gen.Char["ab,\"\n é"], 1, 8]).Array[1, 20].Sample(
            rows =>
            {
                var table = new StringBuilder("x,c\r\n");
                foreach ((float number, bool quoted, string text) in rows)
                {
                    string cell = FormattableString.Invariant($"{number:R}");
                    table.Append(quoted ? $"\"{cell}\"" : cell).Append(",\"t").Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append("t\"\r\n");
                }
                DataSet data = Read(table.ToString(), ["x"], options => options with { Classes = "c" });
                for (int i = 0; i < rows.Length; i++)
                {
                    Assert.Equal(BitConverter.SingleToInt32Bits(rows[i].Item1), BitConverter.SingleToInt32Bits(data.Input(i)[0]));
                    Assert.Equal($"t{rows[i].Item3}t", data.ClassNames[data.ClassOf(i)]);
                }
            },
            threads: 1,
            iter: 300);

    [Fact]
    public void Damage_is_refused_by_name_or_harmless()
    {
        byte[] sound = Encoding.UTF8.GetBytes("x,y,c\r\n1,2,\"a\"\r\n3,4.5,\"b\"\"\nb\"\r\n-1e3,0,é\r\n");
        Gen.OneOf(Mutation.Of(sound), Mutation.Of(Samples.Gzip(sound))).Sample(
            bytes =>
            {
                try
                {
                    DataSet data = DataSets.Csv(new CsvOptions(_folder.Write("fuzz.csv", bytes), ["x", 1]) { Classes = "c" });
                    _ = data.Input(data.Count - 1);
                }
                catch (DataException)
                {
                    // The one way in which a damaged file may be refused.
                }
            },
            threads: 1,
            iter: 3_000);
    }

    private DataSet Read(string table, CsvColumn[] inputs, Func<CsvOptions, CsvOptions> with) =>
        DataSets.Csv(with(new CsvOptions(_folder.Write("table.csv", table), inputs)));
}
