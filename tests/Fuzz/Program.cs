using System.Diagnostics;
using System.Globalization;
using Lockstep.Fuzz;

// Every reader of bytes from outside, fed with changed sound inputs.
//   dotnet run -c Release --project tests/Fuzz -- [NAME…] [--from N] [--count N] [--seed N] [--save FOLDER]
// Without names: all, a million inputs each. Writes a table; exits with 1 if any input did what it must not. An input is made of its number alone, so
// 'NAME --from N --count 1 --save FOLDER' makes a failing one again.
long from = Number("--from", 0), count = Number("--count", 1_000_000);
ulong seed = (ulong)Number("--seed", 1);
string? save = Text("--save");
string[] names = [.. args.TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))];
FuzzTarget[] targets = [.. FuzzTargets.All.Where(target => names.Length == 0 || names.Contains(target.Name))];
if (targets.Length < names.Length || targets.Length == 0)
{
    Console.Error.WriteLine($"Known are {string.Join(", ", FuzzTargets.All.Select(target => target.Name))}.");
    return 2;
}

int failures = 0;
Console.WriteLine("| reader | inputs | read to the end | failures | slowest ms | most bytes | inputs/s |\n| --- | --- | --- | --- | --- | --- | --- |");
foreach (FuzzTarget target in targets)
{
    var run = new FuzzRun(target, seed);
    long begun = Stopwatch.GetTimestamp();
    IReadOnlyList<Finding> found = run.Try(from, count, number =>
    {
        Console.Error.WriteLine($"{target.Name}: input {number} is not done in time.");
        Environment.Exit(3);
    });
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {target.Name} | {count:N0} | {run.Accepted:N0} | {found.Count} | {run.Slowest.TotalMilliseconds:F1} | {run.MostBytes:N0} | {count / Stopwatch.GetElapsedTime(begun).TotalSeconds:N0} |"));
    foreach (Finding finding in found)
    {
        failures++;
        Console.Error.WriteLine($"{target.Name} {finding.Number}: {finding.What}\n");
        if (save is not null)
        {
            Directory.CreateDirectory(Path.Combine(save, target.Name));
            File.WriteAllBytes(Path.Combine(save, target.Name, finding.Number.ToString(CultureInfo.InvariantCulture)), finding.Input);
        }
    }
}
Scratch.Clear();
return failures == 0 ? 0 : 1;

string? Text(string name) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;

long Number(string name, long otherwise) => Text(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
