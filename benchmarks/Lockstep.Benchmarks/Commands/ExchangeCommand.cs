using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lockstep.Benchmarks.Clusters;
using Lockstep.Benchmarks.Comparison;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>exchange</c>: what a cluster does beside computing, at several sizes and over every link, beside gloo's all-reduce.</summary>
internal static class ExchangeCommand
{
    private const int Workers = 2;
    private const int LeastWarmUp = 3;
    private const double Bytes = 1 << 20;

    public static Command Create()
    {
        var sizes = CountOption.Several("--sizes", "MiB of parameters.", 1, 8, 32, 128);
        var steps = CountOption.One("--steps", "Measured steps of each run.", 40);
        var warmUp = new Option<double>("--warm-up")
        {
            Description = "Seconds that the steps before those that are measured would take if they took as long as their bytes and their arithmetic alone. "
                + "The runtime compiles a cluster's code anew in its first seconds, on the cores that it needs itself.",
            DefaultValueFactory = _ => 6,
        };
        var torch = new PyTorchOptions();
        var seconds = new Option<double>("--seconds")
        {
            Description = "Seconds that the measured steps would take, at least, if they took as long as their bytes and their arithmetic alone.",
            DefaultValueFactory = _ => 2,
        };
        var command = new Command("exchange", "Push, sum, update and pull between two workers and the parameter server.") { sizes, steps, seconds, warmUp };
        torch.AddTo(command);
        command.SetAction(parsed =>
        {
            Print(parsed.GetValue(sizes)!, parsed.GetValue(steps), parsed.GetValue(seconds), parsed.GetValue(warmUp), torch.Find(parsed, multiplies: false));
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints; returns the runs' results.</summary>
    public static IReadOnlyList<ClusterRun> Print(int[] sizes, int steps, double seconds, double warmUpSeconds, PyTorch? torch)
    {
        using var job = new ExchangeJob();
        Console.WriteLine($"A step of {Workers} one-thread workers with next to nothing to compute: each pushes its gradient, the parameter server sums them, takes the mean and the norm and updates, and each pulls the parameters.\n");
        var runs = new List<ClusterRun>();
        var table = new Table("MiB", "by", "ms: median (quartiles)", "least", "GB/s moved, by the median", "peak MiB");
        foreach (int size in sizes)
        {
            PartyResult alone = Party.Lockstep("Lockstep", job.JobFile, ExchangeJob.Settings(size), new Turn { WarmUpSteps = LeastWarmUp, WarmUpSeconds = warmUpSeconds / 4, Steps = steps, Seconds = 0 }).Measure(1);
            var bare = Link.All.Where(link => link != Link.SharedMemory).ToDictionary(link => link, link => BareTransfer.Measure(link, Workers, size, LeastWarmUp, steps));
            double arithmetic = Distribution.Of(alone.Milliseconds).Median;
            Add(table, size, "one process, nothing sent", Distribution.Of(alone.Milliseconds), copies: 0, alone.PeakBytes);
            foreach (Link link in Link.All)
            {
                double alike = arithmetic + (bare.TryGetValue(link, out Distribution? bytes) ? bytes.Median : 0);
                var run = ClusterRun.Run(link, job.JobFile, ExchangeJob.Settings(size), Workers, StepsOf(warmUpSeconds, alike, LeastWarmUp), StepsOf(seconds, alike, steps));
                runs.Add(run);
                Agreement.RequireSameBits("exchange", link.Name, run.Losses, alone.Losses);
                // Each worker's gradient goes there and the parameters come back.
                Add(table, size, link.Name, run.Times, copies: 2 * Workers, run.PeakBytes);
                if (bytes is not null)
                    Add(table, size, $"{link.Name}, the bytes alone", bytes, copies: 2 * Workers, 0);
            }
            if (torch is not null)
            {
                double alike = arithmetic + bare.Values.Min(times => times.Median);
                using var json = JsonDocument.Parse(torch.AllReduce(size, StepsOf(warmUpSeconds, alike, LeastWarmUp), StepsOf(seconds, alike, steps)));
                // By the usual ring between two ranks each one's half goes there and the sum's half comes back.
                Add(table, size, "gloo, all-reduce alone", Times(json, "sum"), copies: 2, 0);
                Add(table, size, "gloo, all-reduce and update", Times(json, "sumAndUpdate"), copies: 2, 0);
            }
        }
        Console.WriteLine(table);
        Console.WriteLine($"load average at the end {LoadAverage.Text()}");
        return runs;
    }

    // How many steps take so long if each takes what its bytes and its arithmetic take alone.
    private static int StepsOf(double seconds, double milliseconds, int least) => Math.Max(least, (int)Math.Ceiling(seconds * 1000 / milliseconds));

    private static Distribution Times(JsonDocument json, string name) => Distribution.Of(json.RootElement.GetProperty(name).EnumerateArray().Select(time => time.GetDouble()));

    private static void Add(Table table, int size, string by, Distribution times, int copies, long peak) => table.Add(
        Text(size, "0"), by, times.ToString(), Text(times.Least, "0.00"),
        copies == 0 ? "" : Text(copies * size * Bytes / times.Median / 1e6, "0.00"), peak == 0 ? "" : Text(peak / Bytes, "0"));

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
