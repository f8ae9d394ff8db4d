using System.CommandLine;
using Lockstep.Benchmarks.Comparison;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;
using Lockstep.Engine.Simd;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>compare</c>: the training step of every workload beside TorchSharp on the same work, in turns.</summary>
internal static class CompareCommand
{
    /// <summary>In the place of a peer: Lockstep with one leaf.</summary>
    public const string NoPeer = "none";

    /// <summary>Steps without dropout that show whether parties agree where masks are drawn.</summary>
    public const int CheckSteps = 2;

    private const string OneLeaf = "Lockstep, 1 leaf";

    public static Command Create()
    {
        var peer = new Option<string>("--peer")
        {
            Description = $"The built peer; benchmarks/README.md says how to get it. '{NoPeer}': Lockstep's default leaves beside one leaf.",
            DefaultValueFactory = _ => "benchmarks/TorchSharpPeer/bin/Release/net10.0/torchsharp-peer.dll",
        };
        var threads = CountOption.Several("--threads", "Compute threads.", 1, 2);
        var options = new WorkloadOptions();
        var command = new Command("compare", "Training steps beside TorchSharp on the same weights and minibatches, in turns.") { peer, threads };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            string named = parsed.GetValue(peer)!;
            string? program = named == NoPeer ? null : Path.GetFullPath(named);
            if (program is not null && !File.Exists(program))
            {
                Console.Error.WriteLine($"There is no peer at {program}. Build it: dotnet build -c Release benchmarks/TorchSharpPeer");
                return 2;
            }
            Print(options.Request(parsed), program, parsed.GetValue(threads)!);
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints.</summary>
    /// <param name="request">What is compared.</param>
    /// <param name="peer">The built peer; null for Lockstep with one leaf in its place.</param>
    /// <param name="threads">Compute threads.</param>
    /// <exception cref="InvalidOperationException">A party failed, or the parties did not do the same work.</exception>
    public static Comparison.Comparison Print(WorkloadRequest request, string? peer, IReadOnlyList<int> threads)
    {
        using var folder = new WorkFolder(request.Jobs, request.Small);
        Console.WriteLine($"{VectorWidth.Lanes} lanes; a turn is a process: at least {request.Turn.Steps} steps and {request.Turn.Seconds} s after a warm-up\n");
        var comparison = new Comparison.Comparison([.. request.Jobs.Select(job => ContestOf(request, folder, job, peer))], threads);
        Console.WriteLine();
        comparison.Run(request.Rounds, Console.WriteLine);
        var report = new ComparisonReport(comparison, "threads");
        Console.WriteLine();
        Console.WriteLine(report.Rows());
        Console.WriteLine(report.Means());
        Console.WriteLine(comparison.Load());
        return comparison;
    }

    /// <summary>What a turn of a job is: as asked, with steps without dropout before it where the job draws masks, which are a warm-up too.</summary>
    public static Turn TurnOf(WorkloadRequest request, TrainingPlan plan) => BenchmarkJob.WithoutDropout(plan.Job).Count > 0
        ? request.Turn with { CheckSteps = CheckSteps, WarmUpSteps = 1 }
        : request.Turn;

    private static Contest ContestOf(WorkloadRequest request, WorkFolder folder, BenchmarkJob job, string? peer)
    {
        IReadOnlyList<string> settings = request.Settings(job);
        TrainingPlan plan = BenchmarkJob.Plan(folder.JobFile(job), settings);
        Console.WriteLine(folder.Describe(job, plan));
        Turn turn = TurnOf(request, plan);
        var byDefault = Party.Lockstep("Lockstep", folder.JobFile(job), settings, turn);
        var oneLeaf = Party.Lockstep(OneLeaf, folder.JobFile(job), [.. settings, BenchmarkJob.Shards(1)], turn);
        if (peer is null)
            return new Contest(job.Name, [byDefault], oneLeaf);
        SharedWork.Write(plan, folder.SharedFile(job));
        return new Contest(job.Name, [byDefault, oneLeaf], Party.TorchSharp(peer, job.Name, folder.SharedFile(job), turn));
    }
}
