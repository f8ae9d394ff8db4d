using Lockstep.Benchmarks.Clusters;
using Lockstep.Benchmarks.Kernels;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Steps;
using Lockstep.Benchmarks.Workload;

namespace Lockstep.Benchmarks.Commands;

/// <summary>
/// <c>--smoke</c>: every benchmark for a few iterations. It says nothing about speed; it shows that the benchmarks work and that
/// every configuration does the same work.
/// </summary>
internal static class SmokeTest
{
    private const int ClusterSteps = 5;

    /// <returns>Exit code: 0, or 1 where something is wrong, which is printed.</returns>
    public static int Run()
    {
        var faults = new List<string>();
        int steps = Kernels(faults);
        int workloads = SmokeWorkloads.Run(faults);
        Processes(faults);
        foreach (string fault in faults)
            Console.Error.WriteLine("smoke: " + fault);
        Console.WriteLine(faults.Count == 0
            ? $"smoke: ok; {steps} configurations of the step and {workloads} of small workloads agree, and clusters of 1 and 2 workers have the same losses bit for bit"
            : $"smoke: {faults.Count} fault(s)");
        return faults.Count == 0 ? 0 : 1;
    }

    // The step of mnist-mlp, its cluster, and single kernels.
    private static int Kernels(List<string> faults)
    {
        using var data = MnistFiles.Find(evenIfPresent: true);
        IReadOnlyList<StepResult> steps = StepCommand.Print(data, [1, 2], [MnistMlp.DefaultShards, 1], Repetition.Smoke);
        double peak = FmaPeak.OfOneCore();
        IReadOnlyList<Distribution> leaves = LeavesCommand.Print(WorkloadRequest.Smoke("rnn"), [1, 2]);
        IReadOnlyList<double> products = KernelCommands.Products([1, 2], Repetition.Smoke, peak);
        IReadOnlyList<double> functions = KernelCommands.Elementwise(Repetition.Smoke);
        IReadOnlyList<double> convolutions = ConvolutionCommand.Print([1, 2], Repetition.Smoke, peak, ConvolutionBenchmark.SmokeCases);
        IReadOnlyList<double> recurrent = RecurrentCommand.Print([1, 2], units: 20, layers: 2, batch: 8, length: 5, Repetition.Smoke);
        var cluster = ClusterRun.Run(Link.SharedMemory, MnistMlp.JobFile, [BenchmarkJob.Shards(MnistMlp.DefaultShards)], workers: 2, warmUp: 1, ClusterSteps);
        foreach (StepResult step in steps)
        {
            string name = $"step, {step.Threads} thread(s), {step.Shards} leaves";
            Require(IsTime(step.Milliseconds.Median), $"{name}: {step.Milliseconds.Median} ms");
            Require(step.Losses.All(loss => double.IsFinite(loss) && loss > 0), $"{name}: losses {string.Join(", ", step.Losses)}");
            // Threads change no bit; leaves change the order of sums, and so the last bits.
            StepResult first = steps.First(other => other.Shards == step.Shards);
            Require(step.Losses.SequenceEqual(first.Losses), $"{name}: its losses are not those of {first.Threads} thread(s)");
            Require(
                step.Losses.Zip(steps[0].Losses).All(pair => Math.Abs(pair.First - pair.Second) <= Comparison.Agreement.Tolerance * pair.Second),
                $"{name}: its losses are not close to those of {steps[0].Shards} leaves");
        }
        Require(double.IsFinite(peak) && peak > 0, $"peak: {peak}");
        Require(leaves.All(cost => double.IsFinite(cost.Median) && cost.Least > -1), $"leaves: {string.Join(", ", leaves)}");
        Require(products.All(IsTime), $"gemm: {string.Join(", ", products)} ms");
        Require(functions.All(IsTime), $"elementwise: {string.Join(", ", functions)} ms");
        Require(convolutions.All(IsTime), $"convolution: {string.Join(", ", convolutions)} ms");
        Require(recurrent.All(IsTime), $"recurrent: {string.Join(", ", recurrent)} ms");
        Require(IsTime(cluster.Times.Median), $"cluster: {cluster.Times.Median} ms");
        Require(
            cluster.Losses.SequenceEqual(steps[0].Losses.Take(cluster.Losses.Count)),
            $"cluster: its losses {string.Join(", ", cluster.Losses)} are not those of one process, {string.Join(", ", steps[0].Losses)}");
        return steps.Count;

        void Require(bool holds, string fault)
        {
            if (!holds)
                faults.Add(fault);
        }
    }

    // What compares processes, without a peer: the comparisons throw where parties do not agree.
    private static void Processes(List<string> faults)
    {
        try
        {
            Comparison.Comparison apart = CompareCommand.Print(WorkloadRequest.Smoke("alexnet", "rnn"), peer: null, [1, 2]);
            Comparison.Comparison clusters = CompareClusterCommand.Print(WorkloadRequest.Smoke("chargru"), torch: null, [1, 2]);
            foreach (Comparison.Comparison comparison in new[] { apart, clusters })
            {
                foreach (var result in comparison.Contests.SelectMany(contest => comparison.Of(contest, 2, contest.Ours[0])))
                {
                    if (!result.Milliseconds.All(IsTime) || (OperatingSystem.IsLinux() && result.PeakBytes <= 0))
                        faults.Add($"{result.Party}: {string.Join(", ", result.Milliseconds)} ms, {result.PeakBytes} bytes at most");
                }
            }
            foreach (ScalingRow row in ScalingCommand.Print(WorkloadRequest.Smoke("rnn"), [2]))
            {
                if (!IsTime(row.Cluster.Least) || !IsTime(row.Apart.Least))
                    faults.Add($"scaling: {row}");
            }
            foreach (ClusterRun run in ExchangeCommand.Print([1], ClusterSteps, seconds: 0, warmUpSeconds: 0, torch: null))
            {
                if (!run.Milliseconds.All(IsTime))
                    faults.Add($"exchange: {string.Join(", ", run.Milliseconds)} ms");
            }
        }
        catch (InvalidOperationException fault)
        {
            faults.Add(fault.Message);
        }
    }

    private static bool IsTime(double milliseconds) => double.IsFinite(milliseconds) && milliseconds > 0;
}
