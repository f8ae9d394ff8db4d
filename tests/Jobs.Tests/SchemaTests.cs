using System.Text.Json.Nodes;
using CsCheck;
using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Describing;
using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

public sealed class SchemaTests
{
    private static readonly JsonObject s_schema = JsonNode.Parse(JobSchema.Generate())!.AsObject();

    private static bool IsValid(string text) => SchemaCheck.IsValid(s_schema, s_schema, SchemaCheck.Json(text));

    /// <summary>To take a changed schema over: LOCKSTEP_UPDATE_SNAPSHOTS=1 dotnet test tests/Jobs.Tests.</summary>
    [Fact]
    public void The_schema_is_the_one_in_the_snapshot()
    {
        string path = Path.Combine(Examples.Root, "tests/Jobs.Tests/job.schema.json");
        if (Environment.GetEnvironmentVariable("LOCKSTEP_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(path, JobSchema.Generate());
        Assert.Equal(File.ReadAllText(path), JobSchema.Generate());
    }

    [Fact]
    public void Every_reference_leads_to_a_definition()
    {
        List<string> references = [];
        Collect(s_schema);
        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.True(s_schema["$defs"]!.AsObject().ContainsKey(reference["#/$defs/".Length..]), reference));

        void Collect(JsonNode? node)
        {
            if (node is JsonObject map)
            {
                foreach ((string key, JsonNode? value) in map)
                {
                    if (key == "$ref")
                        references.Add(value!.GetValue<string>());
                    Collect(value);
                }
            }
            else if (node is JsonArray list)
            {
                foreach (JsonNode? item in list)
                    Collect(item);
            }
        }
    }

    [Fact]
    public void Every_valid_job_and_every_canonical_text_fit_the_schema() => JobGenerator.Jobs.Sample(
        text =>
        {
            Assert.True(IsValid(text.Replace("{ relu: }", "relu")), text);
            Assert.True(IsValid(JobText.Write(Parse(text))), text);
        },
        iter: 300);

    [Theory]
    [InlineData("epochs: 2", "epocs: 2")]
    [InlineData("epochs: 2", "epochs: 2\n  steps: 3")]
    [InlineData("  epochs: 2\n", "")]
    [InlineData("batch: 32", "batch: many")]
    [InlineData("batch: 32", "batch: 0")]
    [InlineData("batch: 32", "batch: 32\n  shards: 3")]
    [InlineData("- flatten", "- flaten")]
    [InlineData("- flatten", "- dense")]
    [InlineData("- flatten", "- { relu: {}, tanh: {} }")]
    [InlineData("units: 10", "units: 10, name: 3rd")]
    [InlineData("learningRate: 0.1", "learningRate: one")]
    [InlineData("learningRate: 0.1", "learningRate: 0.1, momentum: 1")]
    [InlineData("dataset: digits", "dataset: digits, tensors: { path: a }")]
    [InlineData("dataset: digits", "limit: 3")]
    [InlineData("dataset: digits", "dataset: digits, classes: [1, 1]")]
    [InlineData("dataset: digits", "dataset: digits, classes: []")]
    public void The_schema_refuses_what_the_reader_refuses(string part, string replacement)
    {
        Assert.True(IsValid(Minimal));
        string text = With(part, replacement);
        Assert.NotEmpty(Faults(text));
        Assert.False(IsValid(text));
    }

    [Fact]
    public void Every_key_and_every_case_says_what_it_is()
    {
        var seen = new HashSet<Type>();
        Walk(Shapes.Job);
        Assert.True(seen.Count > 20);

        void Walk(Shape shape)
        {
            switch (shape)
            {
                case RecordShape record when seen.Add(record.Type):
                    Assert.All(record.Keys, key => Assert.EndsWith(".", key.Description));
                    foreach (KeyShape key in record.Keys)
                        Walk(key.Shape);
                    Assert.All(record.Choices.SelectMany(choice => choice.Keys), name => Assert.Contains(name, record.Keys.Select(key => key.Name)));
                    Assert.Empty(record.NotYet.Intersect(record.Keys.Select(key => key.Name)));
                    break;
                case ChoiceShape choice when seen.Add(choice.Type):
                    Assert.All(choice.Cases, each => Assert.EndsWith(".", each.Description));
                    Assert.Equal(choice.Cases.Count, choice.Cases.Select(each => each.Name).Distinct().Count());
                    Assert.Empty(choice.NotYet.Intersect(choice.Cases.Select(each => each.Name)));
                    Assert.All(choice.Cases, each => Assert.True(each.Record.Type.IsAssignableTo(choice.Type)));
                    foreach (CaseShape each in choice.Cases)
                        Walk(each.Record);
                    break;
                case ListShape list:
                    Walk(list.Item);
                    break;
            }
        }
    }
}
