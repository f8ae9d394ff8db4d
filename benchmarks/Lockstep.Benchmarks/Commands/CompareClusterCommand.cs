using System.CommandLine;
using System.Globalization;
using Lockstep.Benchmarks.Comparison;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>compare-cluster</c>: clusters of 1-thread workers beside PyTorch's DistributedDataParallel over gloo, on the same minibatches, in turns.</summary>
internal static class CompareClusterCommand
{
    public static Command Create()
    {
        var workers = CountOption.Several("--workers", "Worker processes, or ranks, of one thread each.", 1, 2);
        var options = new WorkloadOptions();
        var torch = new PyTorchOptions();
        var command = new Command("compare-cluster", "Clusters of one-thread workers beside PyTorch's DistributedDataParallel over gloo, in turns.") { workers };
        options.AddTo(command);
        torch.AddTo(command);
        command.SetAction(parsed =>
        {
            Print(options.Request(parsed), torch.Find(parsed), parsed.GetValue(workers)!);
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints.</summary>
    /// <param name="request">What is compared.</param>
    /// <param name="torch">The peer; null to measure Lockstep alone.</param>
    /// <param name="workers">Worker processes, or ranks.</param>
    /// <exception cref="InvalidOperationException">A party failed, or the parties did not do the same work.</exception>
    public static Comparison.Comparison Print(WorkloadRequest request, PyTorch? torch, IReadOnlyList<int> workers)
    {
        using var folder = new WorkFolder(request.Jobs, request.Small);
        var alone = new Dictionary<string, PartyResult>();
        var comparison = new Comparison.Comparison([.. request.Jobs.Select(job => ContestOf(request, folder, job, torch, alone))], workers);
        Console.WriteLine();
        comparison.Run(request.Rounds, Console.WriteLine);
        var report = new ComparisonReport(comparison, "processes");
        Console.WriteLine();
        Console.WriteLine(report.Rows());
        if (torch is not null)
            Console.WriteLine(report.Means());
        Console.WriteLine(Gain(comparison, alone));
        Console.WriteLine(comparison.Load());
        return comparison;
    }

    private static Contest ContestOf(WorkloadRequest request, WorkFolder folder, BenchmarkJob job, PyTorch? torch, Dictionary<string, PartyResult> alone)
    {
        IReadOnlyList<string> settings = request.Settings(job);
        TrainingPlan plan = BenchmarkJob.Plan(folder.JobFile(job), settings);
        Console.WriteLine(folder.Describe(job, plan));
        Turn turn = CompareCommand.TurnOf(request, plan);
        alone[job.Name] = Party.Lockstep("Lockstep", folder.JobFile(job), settings, turn).Measure(1);
        var cluster = new ClusterParty(folder.JobFile(job), settings, plan, turn, alone[job.Name]);
        if (torch is null)
            return new Contest(job.Name, [cluster.AsParty()], null);
        SharedWork.Write(plan, folder.SharedFile(job));
        return new Contest(job.Name, [cluster.AsParty()], torch.Distributed(job.Name, folder.SharedFile(job), turn));
    }

    // What being a cluster costs, and what the workers bring.
    private static Table Gain(Comparison.Comparison comparison, Dictionary<string, PartyResult> alone)
    {
        var table = new Table(["workload", "ms in one process, 1 thread", .. comparison.Widths.Select(count => $"{count} worker(s), times as fast")]);
        foreach (Contest contest in comparison.Contests)
        {
            double one = Distribution.Of(alone[contest.Workload].Milliseconds).Median;
            table.Add([
                contest.Workload, one.ToString("0.00", CultureInfo.InvariantCulture),
                .. comparison.Widths.Select(count => (one / Distribution.Of(comparison.Of(contest, count, contest.Ours[0]).SelectMany(result => result.Milliseconds)).Median).ToString("0.00", CultureInfo.InvariantCulture)),
            ]);
        }
        return table;
    }
}
