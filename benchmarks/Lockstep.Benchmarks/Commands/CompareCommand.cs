using System.CommandLine;
using Lockstep.Benchmarks.Comparison;
using Lockstep.Benchmarks.Workload;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>compare</c>: the step beside TorchSharp on the same work, in turns.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var peer = new Option<string>("--peer")
        {
            Description = "The built peer; benchmarks/README.md says how to get it.",
            DefaultValueFactory = _ => "benchmarks/TorchSharpPeer/bin/Release/net10.0/torchsharp-peer.dll",
        };
        var threads = CountOption.Several("--threads", "Compute threads.", 1, 2);
        var rounds = CountOption.One("--rounds", "How often each party has its turn.", 7);
        var steps = CountOption.One("--steps", "Measured steps of each turn.", 300);
        var command = new Command("compare", "The step beside TorchSharp on the same weights and minibatches, in turns.") { peer, threads, rounds, steps };
        command.SetAction(parsed => Run(Path.GetFullPath(parsed.GetValue(peer)!), parsed.GetValue(rounds), parsed.GetValue(threads)!, parsed.GetValue(steps)));
        return command;
    }

    private static int Run(string peer, int rounds, int[] threads, int steps)
    {
        if (!File.Exists(peer))
        {
            Console.Error.WriteLine($"There is no peer at {peer}. Build it: dotnet build -c Release benchmarks/TorchSharpPeer");
            return 2;
        }
        using MnistFiles data = MnistFiles.Find();
        string work = Path.GetTempFileName();
        try
        {
            SharedWork.Write(work);
            var comparison = new Comparison.Comparison(
                [Party.Lockstep(MnistMlp.DefaultShards, steps), Party.Lockstep(1, steps)], Party.TorchSharp(peer, work, steps));
            Console.WriteLine($"mnist-mlp: 784-512-512-10, relu, batch 128, SGD; {data.Description}; {steps} steps a turn, each turn a process\n");
            comparison.Run(rounds, threads, Console.WriteLine);
            Console.WriteLine();
            Console.WriteLine(comparison.Report());
            Console.WriteLine(comparison.Load());
            return 0;
        }
        finally
        {
            File.Delete(work);
        }
    }
}
