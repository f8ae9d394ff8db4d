using Lockstep.Cluster.Tests.Harness;
using Lockstep.Cluster.Tests.Harness.Nets;
using Lockstep.Hashes;

// The promise as a table: every job, every disturbance, one hash a job.
//   dotnet run -c Release --project tests/Hashes -- [--jobs promise,lenet,…] [REPOSITORY]
// Writes Markdown; exits with 1 if any row differs. REPOSITORY is the folder of Cluster.sln, by default the present one. The job 'promise' meets
// all disturbances, each of the others a choice of them; without --jobs all are run.
if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("The table needs Linux: it sends signals by their numbers there.");
    return 2;
}
string[] known = [TestJob.Whole.Name, .. NetJobs.All.Select(job => job.Name)];
if (TableArguments.Parse(args, known, out string? fault) is not { } arguments)
{
    Console.Error.WriteLine(fault);
    return 2;
}

var table = new HashTable(Console.Out, TimeProvider.System);
table.WriteHead();
if (arguments.Jobs.Contains(TestJob.Whole.Name))
{
    await table.AddUndisturbedAsync(TestJob.Whole);
    foreach (Disturbance disturbance in Disturbances.All.Where(disturbance => disturbance.Job == TestJob.Whole))
        await table.AddAsync(disturbance.Name, disturbance);

    await table.AddUndisturbedAsync(TestJob.Short);
    foreach (Disturbance disturbance in Disturbances.All.Where(disturbance => disturbance.Job == TestJob.Short))
        await table.AddAsync(disturbance.Name, disturbance);
    using var debug = new DebugBuild();
    await debug.MakeAsync(arguments.Repository);
    await table.AddAsync("a Debug build", Disturbance.None(TestJob.Short), debug.Program);
}

TestJob[] nets = [.. NetJobs.All.Where(job => arguments.Jobs.Contains(job.Name))];
foreach (TestJob job in nets)
{
    await table.AddUndisturbedAsync(job);
    foreach (NetDisturbance disturbance in NetDisturbances.All)
        await table.AddAsync(disturbance.Name, disturbance.Of(job));
}
if (nets.Length > 0)
    table.WriteMatrix(nets, [.. NetDisturbances.All.Select(disturbance => disturbance.Name)]);

foreach (HashRow row in table.Different)
    Console.Error.WriteLine($"\n{row.Job.Name}, {row.Disturbance}: {row.Difference}");
int different = table.Different.Count();
Console.WriteLine($"\n{table.Count} runs, {different} of them different.");
return different == 0 ? 0 : 1;
