using System.CommandLine;
using System.Globalization;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Recurrence;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Specifications;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>recurrent</c>: forward, loss and backward of recurrent layers over characters.</summary>
internal static class RecurrentCommand
{
    private static readonly (string Name, Func<int, int, RecurrentSpec> Spec)[] Cells =
    [
        ("lstm", (units, levels) => new LstmSpec(units, levels)),
        ("gru", (units, levels) => new GruSpec(units, levels)),
        ("gru, reset after", (units, levels) => new GruSpec(units, levels, ResetAfter: true)),
        ("rnn", (units, levels) => new RnnSpec(units, levels)),
    ];

    public static Command Create()
    {
        var threads = CountOption.Several("--threads", "Compute threads.", 1, 2);
        var units = CountOption.One("--units", "Units of a level.", 512);
        var layers = CountOption.One("--layers", "Levels.", 2);
        var batch = CountOption.One("--batch", "Sequences.", 32);
        var length = CountOption.One("--length", "Characters of a sequence.", 64);
        var steps = CountOption.One("--steps", "Measured steps, after a warm-up.", 20);
        var command = new Command("recurrent", "A step of recurrent layers over one-hot characters of an alphabet of 65.") { threads, units, layers, batch, length, steps };
        command.SetAction(parsed =>
        {
            Print(parsed.GetValue(threads)!, parsed.GetValue(units), parsed.GetValue(layers), parsed.GetValue(batch), parsed.GetValue(length), new Repetition(TimeSpan.FromSeconds(1), 3, parsed.GetValue(steps)));
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints; returns the medians.</summary>
    public static IReadOnlyList<double> Print(int[] threads, int units, int layers, int batch, int length, Repetition repetition)
    {
        const int characters = 65;
        double peak = FmaPeak.OfOneCore();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{layers} levels of {units} units, {batch} sequences of {length} characters, 16 leaves; {VectorWidth.Lanes} lanes, {peak / 1e9:0.0} GFLOP/s a core; load average {LoadAverage.Text()}\n"));
        var medians = new List<double>();
        var table = new Table("cell", "threads", "ms: median (quartiles)", "least", "GFLOP/s", "of peak");
        foreach ((string name, Func<int, int, RecurrentSpec> spec) in Cells)
        {
            foreach (int count in threads)
            {
                using var loop = new RecurrentLoop(spec(units, layers), batch, length, characters, count);
                var time = Distribution.Of(repetition.Measure(() => Time(loop)).Select(ticks => Repetition.Milliseconds(ticks)));
                medians.Add(time.Median);
                double rate = loop.Flops / time.Median * 1000;
                table.Add(name, Text(count, "0"), time.ToString(), Text(time.Least, "0.0"), Text(rate / 1e9, "0.0"), Text(rate / (peak * count) * 100, "0") + " %");
            }
        }
        Console.WriteLine(table);
        return medians;
    }

    private static long Time(RecurrentLoop loop)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        loop.Step();
        return System.Diagnostics.Stopwatch.GetTimestamp() - start;
    }

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
