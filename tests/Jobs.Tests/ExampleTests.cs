using System.Text.Json.Nodes;
using Lockstep.Jobs.Describing;
using Lockstep.Jobs.Mapping;

namespace Lockstep.Jobs.Tests;

public sealed class ExampleTests
{
    public static TheoryData<string> Names { get; } = [.. Directory.EnumerateFiles(Examples.Folder, "*.yaml").Select(path => Path.GetFileName(path)).Order()];

    private static string Text(string name) => File.ReadAllText(Path.Combine(Examples.Folder, name));

    [Theory, MemberData(nameof(Names))]
    public void Every_example_is_a_job_with_a_target_and_fits_the_schema(string name)
    {
        // Without looking for their files: most are fetched or made first.
        Job job = JobFile.Parse(Text(name), name);
        Assert.Equal(Path.GetFileNameWithoutExtension(name), job.Name);
        Assert.NotEmpty(job.Target!.Goals);
        Assert.NotEmpty(job.LayerSpecs());
        JsonObject schema = JsonNode.Parse(JobSchema.Generate())!.AsObject();
        Assert.True(SchemaCheck.IsValid(schema, schema, SchemaCheck.Json(Text(name))));
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_example_begins_with_what_it_shows_and_what_to_expect(string name)
    {
        string[] comment = [.. Text(name).Split('\n').TakeWhile(line => line.StartsWith('#'))];
        Assert.Contains(comment, line => line.StartsWith("# Expected: ", StringComparison.Ordinal));
        Assert.Contains(comment, line => line.Contains($"lockstep train examples/{name}"));
    }
}
