using System.Text.Json.Nodes;
using Lockstep.Engine.Models;
using Lockstep.Jobs.Describing;
using Lockstep.Jobs.Format;
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
        Assert.NotEmpty(job.LayerSpecs(decoderInput: job.Model is EncoderDecoder ? new Shape(21) : null));
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

    [Fact]
    public void AlexNet_has_as_many_parameters_as_with_the_two_groups_of_the_paper()
    {
        Job job = JobFile.Parse(Text("alexnet.yaml"), "alexnet.yaml");
        Network network = Network.Build(job.LayerSpecs(), new Shape(3, 227, 227));
        Assert.Equal(new Shape(1000), network.Output);
        Assert.Equal(60_965_224, network.Layout.Model.Sum(parameter => parameter.Length));
    }

    [Theory]
    [InlineData("cifar-vgg.yaml", new[] { 3, 32, 32 }, 10)]
    [InlineData("time-delay.yaml", new[] { 40, 16 }, 5)]
    [InlineData("sp500.yaml", new[] { 20, 1 }, 1)]
    [InlineData("lenet.yaml", new[] { 1, 28, 28 }, 10)]
    public void The_layers_of_an_example_fit_its_data(string name, int[] input, int outputs)
    {
        Network network = Network.Build(JobFile.Parse(Text(name), name).LayerSpecs(), new Shape(input));
        Assert.Equal(new Shape(outputs), network.Output);
    }

    [Fact]
    public void The_jobs_of_transfer_learning_have_one_network_and_the_three_that_are_compared_one_small_set()
    {
        Job[] jobs = [.. ((string[])["base", "frozen", "fine-tune", "scratch"]).Select(part => JobFile.Parse(Text($"transfer-{part}.yaml"), $"transfer-{part}.yaml"))];
        IEnumerable<string> shapes = jobs.Select(job => string.Join(' ', Network.Build(job.LayerSpecs(), new Shape(1, 8, 8)).Layout.Model.Select(parameter => $"{parameter.Name}:{parameter.Length}")));
        Assert.Single(shapes.Distinct());
        Assert.All(jobs[1..], job => Assert.Equal(jobs[3].Data, job.Data));
        Assert.All(jobs[1..], job => Assert.Equal(jobs[3].Training, job.Training));
    }
}
