using System.CommandLine;
using System.Globalization;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Steps;
using Lockstep.Benchmarks.Workload;
using Lockstep.Engine.Simd;

namespace Lockstep.Benchmarks.Commands;

/// <summary>
/// <c>leaves</c>: what the promise costs. Steps with the workload's leaves and with a single one in turns, in one process: what disturbs the one disturbs
/// the other.
/// </summary>
internal static class LeavesCommand
{
    public static Command Create()
    {
        var threads = CountOption.Several("--threads", "Compute threads.", 1, 2);
        var options = new WorkloadOptions();
        var command = new Command("leaves", "Training steps with a workload's leaves beside steps with one leaf, in turns in one process.") { threads };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            Print(options.Request(parsed), parsed.GetValue(threads)!);
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints; returns by how much a step with leaves is longer, as a share, for each workload and number of threads.</summary>
    public static IReadOnlyList<Distribution> Print(WorkloadRequest request, IReadOnlyList<int> threads)
    {
        using var folder = new WorkFolder(request.Jobs, request.Small);
        Console.WriteLine($"{VectorWidth.Lanes} lanes; the second of two steps is timed, then two steps of the other\n");
        var table = new Table("workload", "threads", "leaves", "ms a step: median (quartiles)", "with one leaf", "longer by: median (quartiles) of the pairs", "pairs");
        var costs = new List<Distribution>();
        foreach (BenchmarkJob job in request.Jobs)
        {
            foreach (int count in threads)
            {
                (int leaves, List<(double Leaves, double One)> pairs) = Measure(folder.JobFile(job), request.Settings(job), request.Turn with { Threads = count });
                var cost = Distribution.Of(pairs.Select(pair => (pair.Leaves / pair.One) - 1));
                costs.Add(cost);
                table.Add(
                    job.Name, Text(count), Text(leaves), Distribution.Of(pairs.Select(pair => pair.Leaves)).ToString(), Distribution.Of(pairs.Select(pair => pair.One)).ToString(),
                    string.Create(CultureInfo.InvariantCulture, $"{cost.Median:0.0 %} ({cost.LowerQuartile:0.0 %} to {cost.UpperQuartile:0.0 %})"), Text(pairs.Count));
            }
        }
        Console.WriteLine(table);
        Console.WriteLine($"load average {LoadAverage.Text()}");
        return costs;
    }

    private static (int Leaves, List<(double Leaves, double One)> Pairs) Measure(string jobFile, IReadOnlyList<string> settings, Turn turn)
    {
        var plan = BenchmarkJob.Plan(jobFile, settings);
        using var leaves = new TrainingLoop(plan, turn.Threads);
        using var one = new TrainingLoop(BenchmarkJob.Plan(jobFile, [.. settings, BenchmarkJob.Shards(1)]), turn.Threads);
        bool leavesFirst = false;
        return (plan.Shards, turn.Repetition().Measure(() =>
        {
            leavesFirst = !leavesFirst;
            double first = SecondStep(leavesFirst ? leaves : one);
            double second = SecondStep(leavesFirst ? one : leaves);
            return leavesFirst ? (first, second) : (second, first);
        }));
    }

    // The first finds the caches full of the other's numbers.
    private static double SecondStep(TrainingLoop loop)
    {
        loop.Step();
        return Repetition.Milliseconds(loop.Step().Total);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
