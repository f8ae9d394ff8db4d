using Lockstep.Cluster.Tests.Harness;
using Lockstep.Hashes;

// The promise as a table: one job, every disturbance, one hash.
//   dotnet run -c Release --project tests/Hashes [REPOSITORY]
// Writes Markdown; exits with 1 if any row differs. REPOSITORY is the folder of Cluster.sln, by default the present one.
if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("The table needs Linux: it sends signals by their numbers there.");
    return 2;
}
string repository = args.Length > 0 ? args[0] : ".";
if (!File.Exists(Path.Combine(repository, "Cluster.sln")))
{
    Console.Error.WriteLine($"There is no Cluster.sln in '{repository}'. Start this in the folder that holds it, or name that folder.");
    return 2;
}

var table = new HashTable(Console.Out, TimeProvider.System);
table.WriteHead();
await table.AddUndisturbedAsync(TestJob.Whole);
foreach (Disturbance disturbance in Disturbances.All.Where(disturbance => disturbance.Job == TestJob.Whole))
    await table.AddAsync(disturbance.Name, disturbance);

await table.AddUndisturbedAsync(TestJob.Short);
foreach (Disturbance disturbance in Disturbances.All.Where(disturbance => disturbance.Job == TestJob.Short))
    await table.AddAsync(disturbance.Name, disturbance);
using (var debug = new DebugBuild())
{
    await debug.MakeAsync(repository);
    await table.AddAsync("a Debug build", Disturbance.None(TestJob.Short), debug.Program);
}

foreach (HashRow row in table.Different)
    Console.Error.WriteLine($"\n{row.Disturbance}: {row.Difference}");
int different = table.Different.Count();
Console.WriteLine($"\n{table.Count} runs, {different} of them different.");
return different == 0 ? 0 : 1;
