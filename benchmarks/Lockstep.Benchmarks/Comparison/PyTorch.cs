using System.Globalization;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>PyTorch's side: scripts of this project, where there is a Python that can import torch.</summary>
/// <param name="Python">The interpreter.</param>
/// <param name="Scripts">The folder of the scripts.</param>
internal sealed record PyTorch(string Python, string Scripts)
{
    private const string Name = "PyTorch, gloo";

    /// <summary>So much of the multiply-add peak any BLAS reaches that was made for speed; the reference one reached a twentieth.</summary>
    private const double LeastOfPeak = 0.2;

    /// <summary>Null where there is none; then a line says what is left out.</summary>
    /// <param name="python">The interpreter.</param>
    /// <param name="scripts">The folder of the scripts.</param>
    /// <param name="multiplies">Whether it is to multiply matrices, so that one whose BLAS is no peer counts as none.</param>
    public static PyTorch? Find(string python, string scripts, bool multiplies)
    {
        string? missing = !File.Exists(Path.Combine(scripts, "ddp_peer.py")) ? $"there are no scripts in {Path.GetFullPath(scripts)}"
            : !ProcessRun.Succeeds(python, "-c", "import torch") ? $"'{python} -c \"import torch\"' fails"
            : multiplies ? SlowProducts(python, scripts)
            : null;
        if (missing is null)
            return new PyTorch(python, scripts);
        Console.WriteLine($"Without PyTorch: {missing}.");
        return null;
    }

    /// <summary>DistributedDataParallel with so many ranks, or the bare model in one process.</summary>
    public Party Distributed(string workload, string shared, Turn turn) => new(
        Name, IsLockstep: false, ranks => Party.Run(Name, Python, [Path.Combine(Scripts, "ddp_peer.py"), workload, shared, turn.ToJson(), "--world", Text(ranks)]));

    /// <summary>The all-reduce alone, between two ranks: what the script prints, a line of JSON.</summary>
    public string AllReduce(int mebibytes, int warmUp, int calls) =>
        ProcessRun.Output(Name, Python, [Path.Combine(Scripts, "allreduce_peer.py"), "--mib", Text(mebibytes), "--warm-up", Text(warmUp), "--calls", Text(calls)]);

    private static string? SlowProducts(string python, string scripts)
    {
        double speed = double.Parse(ProcessRun.Output(Name, python, [Path.Combine(scripts, "product_speed.py")]), CultureInfo.InvariantCulture);
        double peak = FmaPeak.OfOneCore() / 1e9;
        return speed >= LeastOfPeak * peak ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"its products of matrices run at {speed:0.#} GFLOP/s, of {peak:0} that a core has: install a BLAS made for speed (on Debian libopenblas0-pthread) to compare with it");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
