using System.Globalization;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>All disturbances, in the order of the table.</summary>
public static class Disturbances
{
    private const string Off = "0";

    public static IReadOnlyList<Disturbance> All { get; } =
    [
        Workers(2), Workers(3), Workers(5), Threads(2),
        Without("AVX-512", "DOTNET_EnableAVX512", TestJob.Whole),
        Without("AVX2", "DOTNET_EnableAVX2", TestJob.Whole),
        Mixed(),
        Without("hardware intrinsics", "DOTNET_EnableHWIntrinsic", TestJob.Short),
        .. WorkerFaults.All,
        .. Interruptions.All,
    ];

    private static Disturbance Workers(int count) => new($"{count} workers", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(count);
        for (int i = 0; i < count; i++)
            cluster.StartWorker();
        return await coordinator.EndAsync();
    });

    private static Disturbance Threads(int count) => new($"{count} threads", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        cluster.StartWorker(count, long.MaxValue);
        return await coordinator.EndAsync();
    });

    private static Disturbance Without(string what, string variable, TestJob job) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{what} off{(job == TestJob.Short ? $", {job.Steps} steps" : "")}"), job, async cluster =>
        {
            cluster.Environment[variable] = Off;
            CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
            cluster.StartWorker();
            return await coordinator.EndAsync(Bounds.SlowRun);
        });

    private static Disturbance Mixed() => new("2 workers, AVX2 off on one", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
        cluster.StartWorker();
        cluster.StartWorker(("DOTNET_EnableAVX2", Off));
        return await coordinator.EndAsync();
    });
}
