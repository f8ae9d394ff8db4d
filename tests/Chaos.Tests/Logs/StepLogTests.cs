using System.Globalization;
using Lockstep.Chaos.Logs;

namespace Lockstep.Chaos.Tests.Logs;

public sealed class StepLogTests
{
    private static readonly string[] Undisturbed =
    [
        .. Enumerable.Range(0, 6).Select(step => Step(step)),
        """{"step":6,"evaluation":{"accuracy":0.5}}""",
        Step(6),
    ];

    [Fact]
    public void A_log_with_other_times_is_the_same() =>
        Assert.Null(Difference([.. Undisturbed.Select(line => line.Replace("0.001", "7.5", StringComparison.Ordinal))]));

    [Fact]
    public void A_lost_step_is_named() => Assert.Equal("the step of step 3 is not in the log", Difference([.. Undisturbed.Where((_, i) => i != 3)]));

    [Fact]
    public void The_first_of_several_lost_steps_is_named() => Assert.Equal("the step of step 4 is not in the log, nor 2 others", Difference([.. Undisturbed[..4], Undisturbed[6]]));

    [Fact]
    public void A_doubled_step_is_named() => Assert.Equal("the step of step 2 stands in the log twice", Difference([.. Undisturbed[..3], Step(2), .. Undisturbed[3..]]));

    [Fact]
    public void A_doubled_step_that_stands_elsewhere_is_named() => Assert.Equal("the step of step 0 stands in the log twice", Difference([.. Undisturbed, Step(0)]));

    [Fact]
    public void Steps_out_of_order_are_named() =>
        Assert.Equal("the step of step 1 stands in the log after that of step 2", Difference([Undisturbed[0], Undisturbed[2], Undisturbed[1], .. Undisturbed[3..]]));

    [Fact]
    public void A_step_with_another_loss_is_named() =>
        Assert.Contains("the step of step 5 is {", Difference([.. Undisturbed.Select(line => line.Replace("\"loss\":5.5", "\"loss\":5.500000000000001", StringComparison.Ordinal))]), StringComparison.Ordinal);

    [Fact]
    public void An_evaluation_is_held_to_the_same()
    {
        Assert.Contains("evaluation of step 6", Difference([.. Undisturbed.Select(line => line.Replace("0.5}", "0.25}", StringComparison.Ordinal))]), StringComparison.Ordinal);
        Assert.Contains("the evaluation of step 6 is not in the log", Difference([.. Undisturbed.Where(line => !line.Contains("evaluation", StringComparison.Ordinal))]), StringComparison.Ordinal);
        Assert.Contains("the evaluation of step 6 stands in the log twice", Difference([.. Undisturbed, Undisturbed[6]]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_the_undisturbed_run_has_not_is_named() => Assert.Contains("step 7 stands in the log, and not in", Difference([.. Undisturbed, Step(7)]), StringComparison.Ordinal);

    [Fact]
    public void A_line_that_is_none_is_no_log() => Assert.Throws<FormatException>(() => Log([.. Undisturbed, "{\"step\":7,\"lo"]));

    [Fact]
    public void Whoever_follows_a_log_sees_whole_lines_and_a_file_that_is_cut_back()
    {
        string path = Path.GetTempFileName();
        try
        {
            var follower = new StepFollower(path);
            Assert.False(follower.Look());
            File.AppendAllText(path, Step(0) + "\n" + Step(1)[..9]);
            Assert.True(follower.Look());
            Assert.Equal(1, follower.Decided);
            File.AppendAllText(path, Step(1)[9..] + "\n" + Undisturbed[6] + "\n");
            Assert.True(follower.Look());
            Assert.Equal(2, follower.Decided);
            Assert.False(follower.Look());
            File.WriteAllText(path, Step(0) + "\n");
            Assert.False(follower.Look());
            File.AppendAllText(path, Step(1) + "\n" + Step(2) + "\n");
            Assert.True(follower.Look());
            Assert.Equal(3, follower.Decided);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_log_that_is_not_there_yet_has_no_steps() => Assert.False(new StepFollower(Path.Combine(Path.GetTempPath(), "no such", "file")).Look());

    private static string Step(int step) => string.Create(CultureInfo.InvariantCulture, $$"""{"step":{{step}},"epoch":0,"samples":32,"loss":{{step}}.5,"seconds":0.001}""");

    private static string? Difference(string[] lines) => Log(lines).DifferenceFrom(Log(Undisturbed));

    private static StepLog Log(string[] lines) => StepLog.Parse(new StringReader(string.Join('\n', lines)));
}
