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
        var command = new Command("gemm", "Matrix products at the shapes of training.") { threads };
        command.SetAction(parsed =>
        {
            Products(parsed.GetValue(threads)!, Usual, FmaPeak.OfOneCore());
            return 0;
        });
        return command;
    }

    public static Command CreateElementwise()
    {
        var command = new Command("elementwise", "Functions over arrays.");
        command.SetAction(_ =>
        {
            Elementwise(Usual);
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints; returns the medians.</summary>
    public static IReadOnlyList<double> Products(int[] threads, Repetition repetition, double peak)
    {
        var medians = new List<double>();
        var table = new Table("M×N×K, operands plain (N) or transposed (T)", "threads", "µs: median (quartiles)", "GFLOP/s", "of peak");
        foreach (ProductCase product in ProductBenchmark.Cases)
        {
            foreach (int count in threads)
            {
                Distribution time = ProductBenchmark.Measure(product, count, repetition);
                medians.Add(time.Median);
                double rate = product.Flops / time.Median * 1000;
                table.Add(product.ToString(), Text(count, "0"), Microseconds(time), Text(rate / 1e9, "0.0"), Text(rate / (peak * count) * 100, "0") + " %");
            }
        }
        Console.WriteLine(table);
        return medians;
    }

    /// <summary>Measures and prints; returns the medians.</summary>
    public static IReadOnlyList<double> Elementwise(Repetition repetition)
    {
        var medians = new List<double>();
        var table = new Table($"function of {ElementwiseBenchmark.Length:N0} numbers, 1 thread", "µs: median (quartiles)", "ns a number");
        foreach ((string name, ElementwiseBenchmark.Function function) in ElementwiseBenchmark.Cases)
        {
            Distribution time = ElementwiseBenchmark.Measure(function, repetition);
            medians.Add(time.Median);
            table.Add(name, Microseconds(time), Text(time.Median * 1e6 / ElementwiseBenchmark.Length, "0.000"));
        }
        Console.WriteLine(table);
        return medians;
    }

    private static string Microseconds(Distribution time) =>
        new Distribution(time.LowerQuartile * 1000, time.Median * 1000, time.UpperQuartile * 1000).ToString();

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
