using System.Globalization;
using System.Text.RegularExpressions;
using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary><c>lockstep train</c>: a coordinator that starts its workers itself.</summary>
[Collection(SecondProcessCollection.Name)]
public sealed class LocalTrainingTests(UndisturbedRuns undisturbed)
{
    [SkippableFact]
    public async Task A_launched_worker_that_is_killed_is_replaced_and_no_bit_changes()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends signals by their numbers on Linux");
        Observation expected = await undisturbed.OfAsync(TestJob.Long);
        await using var cluster = new ProcessCluster(TestJob.Long);
        LockstepProcess train = Train(cluster);
        PosixSignals.Send(await FirstWorkerAsync(train), PosixSignals.Kill);
        await train.SaysAsync("another worker starts in its place");
        Assert.True(await train.ExitAsync() == 0, cluster.Transcript);
        Assert.Contains($"model sha256 {expected.Summary.ModelSha256}", train.Transcript, StringComparison.Ordinal);
        Assert.Null(StepLog.Read(RunDirectory(cluster)).DifferenceFrom(expected.Log));
    }

    [SkippableFact]
    public async Task Launched_workers_end_with_a_coordinator_that_is_killed_and_train_goes_on_from_the_run_directory()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends signals by their numbers on Linux");
        Observation expected = await undisturbed.OfAsync(TestJob.Long);
        await using var cluster = new ProcessCluster(TestJob.Long);
        LockstepProcess train = Train(cluster);
        int worker = await FirstWorkerAsync(train);
        await train.SaysAsync("checkpoint after step");
        await train.KillAsync();
        Assert.True(SpinWait.SpinUntil(() => IsGone(worker), Bounds.Event), $"process {worker} is still there\n{cluster.Transcript}");

        LockstepProcess resumed = cluster.Start("resumed", ["train", "--resume", RunDirectory(cluster), "--workers", "2", "--threads", "1", "--exchange", "unix"]);
        Assert.True(await resumed.ExitAsync() == 0, cluster.Transcript);
        Assert.Contains("resumed at step", resumed.Transcript, StringComparison.Ordinal);
        Assert.Contains($"model sha256 {expected.Summary.ModelSha256}", resumed.Transcript, StringComparison.Ordinal);
        Assert.Null(StepLog.Read(RunDirectory(cluster)).DifferenceFrom(expected.Log));
    }

    [SkippableFact]
    public async Task A_second_signal_ends_the_coordinator_at_once()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends signals by their numbers on Linux");
        await using var cluster = new ProcessCluster(TestJob.Whole);
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(step: 30);
        await hold.ReachedAsync();
        await coordinator.SignalStopAsync(PosixSignals.Interrupt);
        Assert.DoesNotContain("interrupted", coordinator.Process.Transcript, StringComparison.Ordinal);
        coordinator.Process.Signal(PosixSignals.Interrupt);
        Assert.Equal(130, (await coordinator.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "256 bits")]
    [InlineData("DOTNET_EnableAVX2", "128 bits")]
    [InlineData("DOTNET_EnableHWIntrinsic", "scalars")]
    public async Task The_switches_of_the_promise_take_vectors_away(string variable, string vectors)
    {
        await using var cluster = new ProcessCluster(TestJob.Short);
        LockstepProcess doctor = cluster.Start("doctor", ["doctor"], (variable, "0"));
        await doctor.ExitAsync();
        string line = doctor.Transcript.Split('\n').Single(text => text.Contains("vectors ", StringComparison.Ordinal));
        // A processor may have fewer from the start.
        Assert.True(line.Contains(vectors, StringComparison.Ordinal) || line.Contains("128 bits", StringComparison.Ordinal), line);
        Assert.DoesNotContain("512", line, StringComparison.Ordinal);
    }

    private static LockstepProcess Train(ProcessCluster cluster) =>
        cluster.Start("train", ["train", cluster.JobFile, "--workers", "1", "--threads", "1", "--output", cluster.Runs]);

    private static string RunDirectory(ProcessCluster cluster) => Assert.Single(Directory.EnumerateDirectories(cluster.Runs));

    private static async Task<int> FirstWorkerAsync(LockstepProcess train)
    {
        const string Share = ":([0-9]+): [1-9][0-9]* leaves";
        string line = await train.SaysAsync(line => Regex.IsMatch(line, Share), "a worker has leaves");
        return int.Parse(Regex.Match(line, Share).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    // One that has ended may still be listed until the system's first process takes note of it.
    private static bool IsGone(int process)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{process}/stat");
            return text[text.LastIndexOf(')') + 2] == 'Z';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
