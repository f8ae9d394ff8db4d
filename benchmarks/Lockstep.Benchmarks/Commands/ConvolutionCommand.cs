using System.CommandLine;
using System.Globalization;
using Lockstep.Benchmarks.Kernels;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>convolution</c>: forward, input gradient and weight gradient at the shapes of image networks.</summary>
internal static class ConvolutionCommand
{
    private static readonly Repetition Usual = new(TimeSpan.FromMilliseconds(300), 3, 15);

    public static Command Create()
    {
        var threads = CountOption.Several("--threads", "Compute threads.", 1, 2);
        var batch = new Option<int?>("--batch") { Description = "Samples of every case. A small batch is done before others on the machine take the core." };
        var command = new Command("convolution", "Convolutions at the shapes of a VGG network for CIFAR-10 and of AlexNet's first two layers.") { threads, batch };
        command.SetAction(parsed =>
        {
            Print(parsed.GetValue(threads)!, Usual, FmaPeak.OfOneCore(), [.. ConvolutionBenchmark.Cases.Select(convolution => convolution with { Batch = parsed.GetValue(batch) ?? convolution.Batch })]);
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints; returns the medians.</summary>
    public static IReadOnlyList<double> Print(int[] threads, Repetition repetition, double peak, IReadOnlyList<ConvolutionCase> cases)
    {
        var medians = new List<double>();
        var table = new Table("convolution, batch", "pass", "threads", "ms: median (quartiles)", "GFLOP/s", "of peak", "of peak at the least time");
        foreach (ConvolutionCase convolution in cases)
        {
            foreach (int count in threads)
            {
                using var benchmark = new ConvolutionBenchmark(convolution, count);
                foreach ((string pass, Action run) in benchmark.Passes)
                {
                    Distribution time = KernelTimer.Measure(repetition, run);
                    medians.Add(time.Median);
                    double rate = convolution.Flops / time.Median * 1000;
                    table.Add(convolution.ToString(), pass, Text(count, "0"), time.ToString(), Text(rate / 1e9, "0.0"), Text(rate / (peak * count) * 100, "0") + " %", Text(rate * time.Median / time.Least / (peak * count) * 100, "0") + " %");
                }
            }
        }
        Console.WriteLine(table);
        return medians;
    }

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
