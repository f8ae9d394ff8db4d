using System.Globalization;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>All disturbances, in the order of the table.</summary>
public static class Disturbances
{
    private const string Off = "0";

    public static IReadOnlyList<Disturbance> All { get; } =
    [
        Workers(TestJob.Whole, 2), Workers(TestJob.Whole, 3), Workers(TestJob.Whole, 5), Threads(TestJob.Whole, 2),
        Without(TestJob.Whole, "AVX-512", "DOTNET_EnableAVX512"),
        Without(TestJob.Whole, "AVX2", "DOTNET_EnableAVX2"),
        Mixed(TestJob.Whole),
        Without(TestJob.Short, "hardware intrinsics", "DOTNET_EnableHWIntrinsic"),
        .. WorkerFaults.All,
        .. Interruptions.All,
        .. SharingMemory,
    ];

    /// <summary>What can happen to processes of one machine that share memory.</summary>
    private static IEnumerable<Disturbance> SharingMemory =>
        new[]
        {
            Workers(TestJob.Whole, 3),
            WorkerFaults.KilledAt(TestJob.Whole, 60),
            WorkerFaults.KilledWhileSending(TestJob.Whole, 40, 99),
            WorkerFaults.CutOffWhileSending(TestJob.Whole, 70, 150),
            WorkerFaults.AllKilledAtOnce(TestJob.Whole, 50),
            WorkerFaults.KilledWhileAnotherJoins(TestJob.Whole, 30, 99),
            WorkerFaults.Paused(TestJob.Whole, 65),
        }.Select(disturbance => disturbance with { Name = $"in shared memory: {disturbance.Name}", SharesMemory = true });

    /// <summary>Several workers.</summary>
    public static Disturbance Workers(TestJob job, int count) => new($"{count} workers", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(count);
        for (int i = 0; i < count; i++)
            cluster.StartWorker();
        return await coordinator.EndAsync();
    });

    /// <summary>One worker with several threads.</summary>
    public static Disturbance Threads(TestJob job, int count) => new($"{count} threads", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        cluster.StartWorker(count, long.MaxValue);
        return await coordinator.EndAsync();
    });

    /// <summary>Instructions are taken away from all processes.</summary>
    public static Disturbance Without(TestJob job, string what, string variable) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{what} off{(job == TestJob.Short ? $", {job.Steps} steps" : "")}"), job, async cluster =>
        {
            cluster.Environment[variable] = Off;
            CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
            cluster.StartWorker();
            return await coordinator.EndAsync(Bounds.SlowRun);
        });

    /// <summary>Two workers with different instructions.</summary>
    public static Disturbance Mixed(TestJob job) => new("2 workers, AVX2 off on one", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
        cluster.StartWorker();
        cluster.StartWorker(("DOTNET_EnableAVX2", Off));
        return await coordinator.EndAsync();
    });
}
