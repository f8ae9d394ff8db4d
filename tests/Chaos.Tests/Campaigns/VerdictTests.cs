using Lockstep.Chaos.Campaigns;
using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Logs;
using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Tests.Campaigns;

public sealed class VerdictTests
{
    private static readonly RunEnding Good = new(0, "aa", "bb");
    private static readonly StepLog Log = new([new StepLine(0, "step", "loss: 1"), new StepLine(1, "step", "loss: 2")]);
    private static readonly Reference Undisturbed = new(Good, Log, 3);

    [Fact]
    public void The_same_bits_after_three_faults_are_the_same() => Assert.Equal(VerdictKind.Same, Judge(Seen(3)).Kind);

    [Fact]
    public void Two_faults_say_nothing() => Assert.Equal(VerdictKind.TooFew, Judge(Seen(2)).Kind);

    [Fact]
    public void A_fault_that_struck_after_the_last_step_does_not_count() =>
        Assert.Equal(VerdictKind.TooFew, Verdict.Of(Seen(3), Undisturbed, steps: 5).Kind);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Whatever_is_broken_is_broken_however_few_faults_struck(int faults)
    {
        Assert.Contains("exit code 1 instead of 0", Broken(Seen(faults) with { Ending = Good with { ExitCode = 1 } }), StringComparison.Ordinal);
        Assert.Contains("model sha256 ab", Broken(Seen(faults) with { Ending = Good with { ModelSha256 = "ab" } }), StringComparison.Ordinal);
        Assert.Contains("model sha256 none", Broken(Seen(faults) with { Ending = Good with { ModelSha256 = null } }), StringComparison.Ordinal);
        Assert.Contains("state sha256 ab", Broken(Seen(faults) with { Ending = Good with { StateSha256 = "ab" } }), StringComparison.Ordinal);
        Assert.Contains("did not end", Broken(Seen(faults) with { Ending = null }), StringComparison.Ordinal);
        Assert.Contains("hung", Broken(Seen(faults) with { Failure = "hung" }), StringComparison.Ordinal);
        Assert.Contains("step log", Broken(Seen(faults) with { Log = null }), StringComparison.Ordinal);
        Assert.Contains("step 1 is not in the log", Broken(Seen(faults) with { Log = new StepLog([Log.Lines[0]]) }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_is_read_back_as_it_was_written()
    {
        var schedule = new Schedule(1, 2, 0, 2, Exchange.Tcp, [new(FaultKind.Kill, 5), new(FaultKind.Join, 6), new(FaultKind.CoordinatorKill, 7)]);
        var result = new RunResult(
            schedule, new Verdict(VerdictKind.Broken, "because"),
            [new(schedule.Faults[0], 5, null, 0.25, 0, 3), new(schedule.Faults[1], null, "over", 0, 0, null), new(schedule.Faults[2], 8, null, 4.5, 12, null)], 7.5, 2);
        RunResult read = RunResult.Read(result.Write())!;
        Assert.Equal(result.Schedule, read.Schedule);
        Assert.Equal(result.Faults, read.Faults);
        Assert.Equal((result.Verdict, result.Seconds, result.WorkersEnded, 12L, 4.5, 2), (read.Verdict, read.Seconds, read.WorkersEnded, read.Replayed, read.LongestPause, read.Struck));
    }

    [Fact]
    public void A_result_that_cannot_be_read_is_none()
    {
        byte[] whole = new RunResult(new Schedule(1, 2, 0, 2, Exchange.Tcp, [new(FaultKind.Kill, 5)]), new Verdict(VerdictKind.Same, null), [new(new(FaultKind.Kill, 5), 5, null, 0, 0, 1)], 1, 0).Write();
        Assert.NotNull(RunResult.Read(whole));
        for (int length = 0; length < whole.Length - 1; length += 3)
            Assert.Null(RunResult.Read(whole[..length]));
    }

    private static string Broken(RunObservation run)
    {
        Verdict verdict = Judge(run);
        Assert.Equal(VerdictKind.Broken, verdict.Kind);
        return verdict.Reason!;
    }

    private static Verdict Judge(RunObservation run) => Verdict.Of(run, Undisturbed, steps: 100);

    private static RunObservation Seen(int faults) =>
        new(Good, Log, null, [.. Enumerable.Range(0, faults).Select(i => new FaultOutcome(new PlannedFault(FaultKind.Kill, i), i + 3, null, 0.1, 0, null))], 4, 0);
}
