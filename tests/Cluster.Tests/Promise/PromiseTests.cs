using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>The one promise, on real processes: whatever happens, every bit of the model, of its optimizer's state and of the metrics is the same.</summary>
[Collection(ProcessCollection.Name)]
public sealed class PromiseTests(UndisturbedRuns undisturbed)
{
    public static TheoryData<string> Names => [.. Disturbances.All.Select(disturbance => disturbance.Name)];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public async Task The_model_and_the_metrics_are_the_same(string disturbance)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends signals by their numbers on Linux");
        Disturbance chosen = Disturbances.All.Single(candidate => candidate.Name == disturbance);
        Observation expected = await undisturbed.OfAsync(chosen.Job);
        Observation found = await chosen.ObserveAsync();
        string? difference = found.DifferenceFrom(expected);
        Assert.True(difference is null, $"{difference}\n{found.Transcript}");
    }

    [Fact]
    public async Task Every_step_stands_in_the_metrics_once_and_in_order()
    {
        Observation run = await undisturbed.OfAsync(TestJob.Whole);
        Assert.Equal(TestJob.Whole.Steps, run.Log.Steps.Count);
        Assert.All(run.Log.Steps, (line, step) => Assert.StartsWith($"step: {step}, ", line, StringComparison.Ordinal));
        Assert.Equal(3, run.Log.Evaluations.Count);
    }

    [Fact]
    public async Task Another_job_has_another_hash()
    {
        Observation run = await undisturbed.OfAsync(TestJob.Short);
        Observation other = await Disturbance.None(TestJob.Short with { LearningRate = "0.0500001" }).ObserveAsync();
        Assert.Equal(0, other.Summary.ExitCode);
        Assert.NotEqual(run.Summary.ModelSha256, other.Summary.ModelSha256);
        Assert.NotNull(other.DifferenceFrom(run));
    }
}
