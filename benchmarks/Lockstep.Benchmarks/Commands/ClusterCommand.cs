using System.CommandLine;
using System.Globalization;
using Lockstep.Benchmarks.Clusters;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>cluster</c>: the step on a coordinator and 1-thread workers, each a process of the real program.</summary>
internal static class ClusterCommand
{
    public static Command Create()
    {
        var workers = CountOption.Several("--workers", "Worker processes.", 1, 2);
        var rounds = CountOption.One("--rounds", "How often each is measured.", 3);
        var steps = CountOption.One("--steps", "Measured steps of each run.", 600);
        var command = new Command("cluster", "The time of the same step in a cluster of processes.") { workers, rounds, steps };
        command.SetAction(parsed =>
        {
            using MnistFiles data = MnistFiles.Find();
            Console.WriteLine($"mnist-mlp in a cluster: a coordinator and 1-thread workers on this machine; {data.Description}; {MnistMlp.DefaultShards} leaves\n");
            int[] counts = parsed.GetValue(workers)!;
            var times = counts.ToDictionary(count => count, _ => new List<Distribution>());
            for (int round = 0; round < parsed.GetValue(rounds); round++)
            {
                foreach (int count in counts)
                    times[count].Add(ClusterRun.Run(Link.SharedMemory, MnistMlp.JobFile, [BenchmarkJob.Shards(MnistMlp.DefaultShards)], count, warmUp: 100, parsed.GetValue(steps)).Times);
            }
            var table = new Table("workers", "ms a step: median (quartiles) of the median round", "rounds' medians");
            foreach (int count in counts)
            {
                Distribution[] ordered = [.. times[count].OrderBy(run => run.Median)];
                table.Add(
                    count.ToString(CultureInfo.InvariantCulture), ordered[ordered.Length / 2].ToString(),
                    string.Join(", ", ordered.Select(run => run.Median.ToString("0.00", CultureInfo.InvariantCulture))));
            }
            Console.WriteLine(table);
            Console.WriteLine($"load average at the end {LoadAverage.Text()}");
            return 0;
        });
        return command;
    }
}
