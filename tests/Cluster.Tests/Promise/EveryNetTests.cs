using Lockstep.Cluster.Tests.Harness;
using Lockstep.Cluster.Tests.Harness.Nets;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>The promise for every kind of net, on real processes: one hash of the model, one of its whole state, the same metrics. <c>tests/Hashes</c> has the whole table.</summary>
[Collection(SecondProcessCollection.Name)]
public sealed class EveryNetTests(UndisturbedRuns undisturbed)
{
    public static TheoryData<string> Names => [.. NetJobs.All.Select(job => job.Name)];

    public static TheoryData<string> Recurrent => [NetJobs.Lstm.Name, NetJobs.Gru.Name];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public Task A_worker_that_is_killed_in_the_middle_of_sending_one_with_more_threads_and_one_that_joins_change_no_bit(string job) =>
        RequireSameAsync(NetDisturbances.KillAndJoin(JobOf(job)));

    [SkippableTheory]
    [MemberData(nameof(Recurrent))]
    public Task A_recurrent_job_that_is_stopped_in_the_middle_of_an_epoch_goes_on_with_the_state_that_it_carried(string job) =>
        RequireSameAsync(Interruptions.StoppedInAnEpoch(JobOf(job)));

    [SkippableFact]
    public Task A_recurrent_job_whose_coordinator_is_killed_in_the_middle_of_an_epoch_goes_on_from_its_checkpoint() =>
        RequireSameAsync(Interruptions.KilledInAnEpoch(NetJobs.Lstm));

    [SkippableFact]
    public Task A_worker_that_is_paused_until_it_is_given_up_comes_back_to_the_lanes_as_they_were() =>
        RequireSameAsync(WorkerFaults.Paused(NetJobs.Gru, NetJobs.Gru.Steps / 2));

    private static TestJob JobOf(string name) => NetJobs.All.Single(job => job.Name == name);

    private async Task RequireSameAsync(Disturbance disturbance)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends signals by their numbers on Linux");
        Observation expected = await undisturbed.OfAsync(disturbance.Job);
        Observation found = await disturbance.ObserveAsync();
        string? difference = found.DifferenceFrom(expected);
        Assert.True(difference is null, $"{difference}\n{found.Transcript}");
    }
}
