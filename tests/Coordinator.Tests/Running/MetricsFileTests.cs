using Lockstep.Coordinator.Running;

namespace Lockstep.Coordinator.Tests.Running;

public sealed class MetricsFileTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("lockstep-metrics").FullName;

    public void Dispose() => Directory.Delete(_run, recursive: true);

    [Fact]
    public void A_resumed_run_cuts_back_to_its_checkpoint_so_that_every_step_stands_once()
    {
        Write(0, Enumerable.Range(0, 6).Select(Step));
        // The last line of a coordinator that was killed is half a line.
        File.AppendAllText(Path.Combine(_run, MetricsFile.Name), "{\"step\":6,\"lo");
        Write(4, Enumerable.Range(4, 4).Select(Step));
        Assert.Equal(Enumerable.Range(0, 8), Lines().Select(line => int.Parse(line.Split([':', ','])[1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_replayed_step_with_another_loss_is_a_contradiction()
    {
        Write(0, Enumerable.Range(0, 6).Select(Step));
        using MetricsFile file = MetricsFile.Open(_run, 4);
        Assert.Null(file.Contradiction(4, Step(4).Loss));
        Assert.Contains("step 5 was replayed", file.Contradiction(5, 0.5), StringComparison.Ordinal);
        Assert.Null(file.Contradiction(6, 0.5));
    }

    [Fact]
    public void Numbers_that_json_has_not_are_words()
    {
        Write(0, [Step(0) with { Loss = double.NaN, GradientNorm = double.PositiveInfinity }]);
        Assert.Contains("\"loss\":\"NaN\"", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_that_others_computed_too_are_in_the_line_of_their_step_alone()
    {
        Write(0, [Step(0), Step(1) with { BackedUp = 5 }]);
        string[] lines = [.. Lines()];
        Assert.DoesNotContain("backedUp", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"backedUp\":5", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_shown_of_a_step_is_a_line_that_is_cut_back_with_its_step()
    {
        using (MetricsFile file = MetricsFile.Open(_run, 0))
        {
            file.Observe(Step(0));
            file.Observe(new Diagnosed(0, [new MetricValue("gradientNorms/1", 0.5), new MetricValue("updateRatios/1", double.NaN)]));
            file.Observe(Step(1));
            file.Observe(new Diagnosed(1, [new MetricValue("gradientNorms/1", 0.25)]));
        }
        Assert.Equal("{\"step\":0,\"diagnostics\":{\"gradientNorms/1\":0.5,\"updateRatios/1\":\"NaN\"}}", Lines()[1]);
        MetricsFile.Open(_run, 1).Dispose();
        Assert.Equal(2, Lines().Length);
    }

    private static StepCompleted Step(int step) => new(step, 0, 32, 1.0 / (step + 3), 2, 0.1, 0.001);

    private void Write(long firstStep, IEnumerable<StepCompleted> steps)
    {
        using MetricsFile file = MetricsFile.Open(_run, firstStep);
        foreach (StepCompleted step in steps)
            file.Observe(step);
    }

    private string[] Lines() => File.ReadAllLines(Path.Combine(_run, MetricsFile.Name));
}
