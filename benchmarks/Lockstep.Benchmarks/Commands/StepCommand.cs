using System.CommandLine;
using System.Globalization;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Steps;
using Lockstep.Benchmarks.Workload;
using Lockstep.Engine.Simd;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>step</c>: the training step in one process, where its time goes, and the least that it could take.</summary>
internal static class StepCommand
{
    private const int BytesPerUpdate = 5 * sizeof(float);

    public static Command Create()
    {
        var threads = CountOption.Several("--threads", "Compute threads.", 1, 2);
        var shards = CountOption.Several("--shards", "Leaves of the sum tree.", MnistMlp.DefaultShards, 1);
        var steps = CountOption.One("--steps", "Measured steps, after a warm-up.", 300);
        var command = new Command("step", "Steps a second of mnist-mlp in one process, and where the time goes.") { threads, shards, steps };
        command.SetAction(parsed =>
        {
            using MnistFiles data = MnistFiles.Find();
            Print(data, parsed.GetValue(threads)!, parsed.GetValue(shards)!, Repetition.Of(parsed.GetValue(steps)));
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints everything; returns what was measured.</summary>
    public static IReadOnlyList<StepResult> Print(MnistFiles data, int[] threads, int[] shards, Repetition repetition)
    {
        Console.WriteLine($"mnist-mlp: 784-512-512-10, relu, batch 128, SGD; {data.Description}; {VectorWidth.Lanes} lanes; load average {LoadAverage.Text()}\n");
        var results = new List<StepResult>();
        var parts = new Table("threads", "leaves", "steps/s", "ms a step: median (quartiles)", "least", "loading", "forward, loss", "backward", "mean, norm", "update", "bytes allocated");
        foreach (int leaves in shards)
        {
            TrainingPlan plan = MnistMlp.Plan(leaves);
            foreach (int count in threads)
            {
                var result = StepResult.Measure(plan, count, repetition);
                results.Add(result);
                parts.Add(
                    Text(count), Text(leaves), Number(1000 / result.Milliseconds.Median, "0"), result.Milliseconds.ToString(), Number(result.Milliseconds.Least, "0.00"),
                    Part(result, times => times.Loading), Part(result, times => times.Forward), Part(result, times => times.Backward),
                    Part(result, times => times.Preparation), Part(result, times => times.Update), Number(result.AllocatedPerStep, "0"));
            }
        }
        Console.WriteLine(parts);
        TrainingPlan first = MnistMlp.Plan(shards[0]);
        double peak = Floor(first);
        foreach (int count in threads)
            PrintAnatomy(first, count, peak, repetition);
        return results;
    }

    private static double Floor(TrainingPlan plan)
    {
        double peak = FmaPeak.OfOneCore();
        int parameters = checked((int)plan.Network.Layout.Length);
        double cached = MemoryBandwidth.OfOneCore(parameters, 5);
        double memory = MemoryBandwidth.OfOneCore(16 << 20, 1);
        double flops = MnistMlp.FlopsPerStep(plan);
        double products = flops / peak * 1000;
        double update = (double)parameters * BytesPerUpdate / cached * 1000;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            One core: {peak / 1e9:0.0} GFLOP/s of fused multiply-adds; {cached / 1e9:0} GB/s over arrays of the parameters' size, {memory / 1e9:0} GB/s over large ones.
            Floor of one thread: {flops / 1e6:0.0} MFLOP of products in {products:0.00} ms + {parameters * (double)BytesPerUpdate / 1e6:0.0} MB of mean, norm and update in {update:0.00} ms = {products + update:0.00} ms.

            """));
        return peak;
    }

    private static void PrintAnatomy(TrainingPlan plan, int threads, double peak, Repetition repetition)
    {
        using var anatomy = new StepAnatomy(plan, threads);
        IReadOnlyList<KernelTime> kernels = anatomy.Measure(repetition);
        double total = kernels.Sum(kernel => kernel.Milliseconds.Median);
        var table = new Table($"kernel, {threads} thread(s), {plan.Shards} leaves", "µs: median", "share", "GFLOP/s", "of peak", "µs: least");
        foreach (KernelTime kernel in kernels)
        {
            double rate = kernel.Flops / kernel.Milliseconds.Median * 1000;
            bool isProduct = kernel.Flops > 0;
            table.Add(
                kernel.Name, Number(kernel.Milliseconds.Median * 1000, "0.0"), Percent(kernel.Milliseconds.Median / total),
                isProduct ? Number(rate / 1e9, "0.0") : "", isProduct ? Percent(rate / (peak * threads)) : "", Number(kernel.Milliseconds.Least * 1000, "0.0"));
        }
        double products = kernels.Where(kernel => kernel.Flops > 0).Sum(kernel => kernel.Milliseconds.Median);
        double flops = kernels.Sum(kernel => kernel.Flops) / products * 1000;
        table.Add("all products", Number(products * 1000, "0.0"), Percent(products / total), Number(flops / 1e9, "0.0"), Percent(flops / (peak * threads)), "");
        table.Add("all kernels", Number(total * 1000, "0.0"), Percent(1), "", "", Number(kernels.Sum(kernel => kernel.Milliseconds.Least) * 1000, "0.0"));
        Console.WriteLine(table);
    }

    private static string Part(StepResult result, Func<StepTimes, long> part) => Number(result.Part(part).Median, "0.00");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static string Percent(double share) => Number(share * 100, "0") + " %";
}
