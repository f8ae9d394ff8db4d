using System.CommandLine;
using System.Globalization;
using Lockstep.Benchmarks.Kernels;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>gemm</c> and <c>elementwise</c>: single kernels.</summary>
internal static class KernelCommands
{
    private static readonly Repetition Usual = new(TimeSpan.FromMilliseconds(300), 20, 100);

    public static Command CreateProducts()
    {
        var threads = CountOption.Several("--threads", "Compute threads.", 1, 2);
        var peer = new KernelPeerOptions();
        var command = new Command("gemm", "Matrix products at the shapes of training, beside the multiply-add peak and libtorch's.") { threads };
        return peer.AddTo(command, (parsed, program, rounds) => Products(parsed.GetValue(threads)!, Usual, FmaPeak.OfOneCore(), program, rounds));
    }

    public static Command CreateElementwise()
    {
        var peer = new KernelPeerOptions();
        var command = new Command("elementwise", "Functions over arrays, beside TensorPrimitives' and libtorch's.");
        return peer.AddTo(command, (_, program, rounds) => Elementwise(Usual, program, rounds));
    }

    /// <summary>Measures and prints; returns the medians.</summary>
    /// <param name="threads">Compute threads.</param>
    /// <param name="repetition">Of each product, in each round.</param>
    /// <param name="peak">FLOP/s of one core's multiply-adds.</param>
    /// <param name="peer">The built peer; null for none.</param>
    /// <param name="rounds">How often the parties take turns.</param>
    public static IReadOnlyList<double> Products(int[] threads, Repetition repetition, double peak, string? peer = null, int rounds = 1)
    {
        var table = new Table(["M×N×K, operands plain (N) or transposed (T)", "threads", "µs: median (quartiles)", "GFLOP/s", "of peak", .. PeerHeads(peer)]);
        var medians = new List<double>();
        foreach (int count in threads)
        {
            KernelWork work = WorkOf(repetition, count) with
            {
                Products = [.. ProductBenchmark.Cases.Select(product => new ProductWork(product.M, product.N, product.K, product.LeftTransposed, product.RightTransposed))],
            };
            KernelContest contest = KernelContest.Run([.. ProductBenchmark.Cases.Select(product => (Func<Distribution>)(() => ProductBenchmark.Measure(product, count, repetition)))], peer, work, rounds);
            for (int i = 0; i < ProductBenchmark.Cases.Count; i++)
            {
                ProductCase product = ProductBenchmark.Cases[i];
                Distribution time = contest.Own(i);
                medians.Add(time.Median);
                double rate = product.Flops / time.Median * 1000;
                table.Add([product.ToString(), Text(count, "0"), Microseconds(time), Text(rate / 1e9, "0.0"), Text(rate / (peak * count) * 100, "0") + " %", .. PeerCells(peer, contest, i, i)]);
            }
        }
        Console.WriteLine(table);
        return medians;
    }

    /// <summary>Measures and prints; returns the medians.</summary>
    /// <param name="repetition">Of each function, in each round.</param>
    /// <param name="peer">The built peer; null for none.</param>
    /// <param name="rounds">How often the parties take turns.</param>
    public static IReadOnlyList<double> Elementwise(Repetition repetition, string? peer = null, int rounds = 1)
    {
        IReadOnlyList<ElementwiseBenchmark.Case> cases = ElementwiseBenchmark.Cases;
        string[] known = [.. cases.Where(function => function.IsKnownToPeers).Select(function => function.Name)];
        var table = new Table([$"function of {ElementwiseBenchmark.Length:N0} numbers, 1 thread", "µs: median (quartiles)", "ns a number", "TensorPrimitives, µs", "times as fast", .. PeerHeads(peer)]);
        KernelContest contest = KernelContest.Run(
            [.. cases.SelectMany(function => (Func<Distribution>[])[() => ElementwiseBenchmark.Measure(function.Own, repetition), () => ElementwiseBenchmark.Measure(function.Tensor, repetition)])],
            peer, WorkOf(repetition, 1) with { Length = ElementwiseBenchmark.Length, Functions = known }, rounds);
        var medians = new List<double>();
        for (int i = 0; i < cases.Count; i++)
        {
            Distribution time = contest.Own(2 * i), tensor = contest.Own((2 * i) + 1);
            medians.Add(time.Median);
            table.Add([
                cases[i].Name, Microseconds(time), Text(time.Median * 1e6 / ElementwiseBenchmark.Length, "0.000"), Microseconds(tensor), Text(tensor.Median / time.Median, "0.00"),
                .. PeerCells(peer, contest, 2 * i, Array.IndexOf(known, cases[i].Name))]);
        }
        Console.WriteLine(table);
        return medians;
    }

    private static KernelWork WorkOf(Repetition repetition, int threads) =>
        new() { Threads = threads, WarmUpSeconds = repetition.WarmUp.TotalSeconds, WarmUpRuns = repetition.WarmUpRuns, Runs = repetition.Runs };

    private static string[] PeerHeads(string? peer) => peer is null ? [] : ["libtorch, µs", "times as fast (rounds)"];

    private static string[] PeerCells(string? peer, KernelContest contest, int own, int theirs) =>
        peer is null ? []
        : theirs < 0 ? ["", ""]
        : [Text(contest.Peer(theirs) * 1000, "0.00"), contest.Ratio(own, theirs)];

    private static string Microseconds(Distribution time) =>
        new Distribution(time.Least * 1000, time.LowerQuartile * 1000, time.Median * 1000, time.UpperQuartile * 1000).ToString();

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
