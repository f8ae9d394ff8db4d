using System.CommandLine;
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
        var options = new WorkloadOptions(warmUpSeconds: 8);
        var torch = new PyTorchOptions();
        var command = new Command("compare-cluster", "Clusters of one-thread workers beside PyTorch's DistributedDataParallel over gloo, in turns.") { workers };
        options.AddTo(command);
        torch.AddTo(command);
        command.SetAction(parsed =>
        {
            Print(options.Request(parsed), torch.Find(parsed, multiplies: true), parsed.GetValue(workers)!);
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints.</summary>
    /// <param name="request">What is compared.</param>
    /// <param name="torch">The peer; null for Lockstep in one process in its place.</param>
    /// <param name="workers">Worker processes, or ranks.</param>
    /// <exception cref="InvalidOperationException">A party failed, or the parties did not do the same work.</exception>
    public static Comparison.Comparison Print(WorkloadRequest request, PyTorch? torch, IReadOnlyList<int> workers)
    {
        using var folder = new WorkFolder(request.Jobs, request.Small);
        var comparison = new Comparison.Comparison([.. request.Jobs.Select(job => ContestOf(request, folder, job, torch))], workers);
        Console.WriteLine();
        comparison.Run(request.Rounds, Console.WriteLine);
        var report = new ComparisonReport(comparison, "processes");
        Console.WriteLine();
        Console.WriteLine(report.Rows());
        Console.WriteLine(report.Means());
        Console.WriteLine(comparison.Load());
        return comparison;
    }

    private static Contest ContestOf(WorkloadRequest request, WorkFolder folder, BenchmarkJob job, PyTorch? torch)
    {
        IReadOnlyList<string> settings = request.Settings(job);
        TrainingPlan plan = BenchmarkJob.Plan(folder.JobFile(job), settings);
        Console.WriteLine(folder.Describe(job, plan));
        Turn turn = CompareCommand.TurnOf(request, plan);
        // As many threads as the cluster has workers.
        var alone = Party.Lockstep("Lockstep, one process", folder.JobFile(job), settings, turn);
        Party cluster = new ClusterParty(folder.JobFile(job), settings, plan, turn, alone.Measure(1)).AsParty();
        if (torch is null)
            return new Contest(job.Name, [cluster], alone);
        SharedWork.Write(plan, folder.SharedFile(job));
        return new Contest(job.Name, [cluster, alone], torch.Distributed(job.Name, folder.SharedFile(job), turn));
    }
}
