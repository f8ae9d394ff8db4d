using System.Text;
using Lockstep.Jobs.Yaml;
using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

public sealed class YamlTests
{
    [Theory]
    [InlineData("a: 1\na: 2\n", 2, 1, "'a' stands twice in one map: keep one of the two")]
    [InlineData("a: 1\n---\nb: 2\n", 2, 1, "a job file holds one document: remove the second one, from '---' on")]
    [InlineData("a: !!float 1\n", 1, 4, "job files have no tags: remove 'tag:yaml.org,2002:float'")]
    [InlineData("? [x]\n: 1\n", 1, 3, "a key must be a plain word, found a list")]
    [InlineData("a: *b\n", 1, 4, "'*b' names no anchor above it")]
    [InlineData("a: &a [*a]\n", 1, 8, "'*a' stands inside the value that it names")]
    public void What_a_job_file_does_not_need_is_refused_where_it_stands(string text, int line, int column, string message) =>
        Assert.Contains(new JobFault("job.yaml", line, column, "", message), Faults(text));

    [Theory]
    [InlineData("a: [1, 2\n")]
    [InlineData("a:\n\tb: 1\n")]
    [InlineData("a: 'x\n")]
    [InlineData("a: b: c\n")]
    [InlineData("a: \"\\q\"\n")]
    [InlineData("a: 1\n b: 2\n")]
    [InlineData("%YAML 3.0\n---\na: 1\n")]
    [InlineData("}\n")]
    [InlineData("%TAG ! \nx\n")]
    [InlineData("a: [{b\n")]
    public void What_is_no_yaml_is_a_fault_with_a_place(string text)
    {
        JobFault fault = Fault(text);
        Assert.StartsWith("not valid YAML: ", fault.Message);
        Assert.True(fault.Line >= 1 && fault.Column >= 1);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n")]
    [InlineData("{}")]
    public void An_empty_file_is_told_what_it_needs(string text) =>
        Assert.Equal(["data", "model", "training"], Faults(text).Select(fault => fault.Path));

    [Fact]
    public void A_document_that_is_no_map_is_told_so() =>
        Assert.Equal("job.yaml(1,1): a job file: expected a map of name, seed, data, model, weights, training, evaluation, checkpoint, diagnostics, target, found a list", Fault("[1]").ToString());

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Deep_nesting_is_refused(char open, char close)
    {
        string text = $"name: {new string(open, 100_000)}{new string(close, 100_000)}";
        Assert.Contains("nested deeper than 64 levels", Fault(text).Message);
        Assert.Contains("nested deeper than 64 levels", Fault(string.Concat(Enumerable.Repeat("- ", 1000)) + "x").Message);
    }

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++)
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        Assert.Contains("more than 65536 values, aliases expanded", Fault(text.ToString()).Message);

        text = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 100; i++)
            text.Append($"a{i}: &a{i} [*a{i - 1}]\n");
        Assert.Contains("nested deeper than 64 levels", Fault(text.ToString()).Message);
    }

    [Fact]
    public void A_file_above_256_KiB_is_refused() =>
        Assert.Equal("job.yaml: a job file has at most 256 KiB, this one has 257 KiB", Fault(Minimal + new string('#', 256 * 1024)).ToString());

    [Fact]
    public void An_alias_stands_for_what_it_names()
    {
        Job job = Parse(With("- flatten", "- dense: &layer { units: 7 }").Replace("{ units: 10 }", "*layer"));
        Assert.Equal(job.Model.Layers.First().Layer, job.Model.Layers.Last().Layer);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused()
    {
        var exception = Assert.Throws<JobFaultException>(() => JobFile.Read([0x61, 0xff, 0xfe], "job.yaml"));
        Assert.Equal("job.yaml: not UTF-8 (byte 1): save the file as UTF-8", exception.Message);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_text() =>
        Assert.Equal(Parse(Minimal), JobFile.Read([0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(Minimal)], "job.yaml"));

    [Fact]
    public void A_job_file_that_is_not_there_is_a_fault()
    {
        var exception = Assert.Throws<JobFaultException>(() => JobFile.Read("no/such/job.yaml"));
        Assert.StartsWith("no/such/job.yaml: cannot be read: ", exception.Message);
    }

    [Theory]
    [InlineData("12", 12)]
    [InlineData("+12", 12)]
    [InlineData("-0", 0)]
    [InlineData("0o17", 15)]
    [InlineData("0xff", 255)]
    [InlineData("1e3", 1000)]
    [InlineData("12.0", 12)]
    [InlineData("60/4", 15)]
    [InlineData("12.5", null)]
    [InlineData("0b1", null)]
    [InlineData("1_000", null)]
    [InlineData("1,000", null)]
    [InlineData("0x", null)]
    [InlineData("１２", null)]
    public void Whole_numbers_are_those_of_the_core_types(string text, int? value) =>
        Assert.Equal(value is int number ? (Int128)number : null, CoreScalars.Integer(text));

    [Theory]
    [InlineData("1/255", 1.0 / 255)]
    [InlineData("1 / 4", 0.25)]
    [InlineData("-1e-3/2", -0.0005)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5.0)]
    [InlineData("1E5", 1e5)]
    [InlineData("-.inf", double.NegativeInfinity)]
    [InlineData("1/2/3", null)]
    [InlineData("/2", null)]
    [InlineData("1/", null)]
    [InlineData("1e", null)]
    [InlineData(".", null)]
    [InlineData("inf", null)]
    [InlineData("1,5", null)]
    public void Numbers_are_those_of_the_core_types_and_quotients(string text, double? value) =>
        Assert.Equal(value, CoreScalars.Number(text));

    [Theory]
    [InlineData("yes")]
    [InlineData("no")]
    [InlineData("on")]
    [InlineData("tRUE")]
    [InlineData("1/255")]
    [InlineData("12:30")]
    public void Text_is_what_no_other_core_type_claims(string text) => Assert.True(CoreScalars.IsText(text));
}
