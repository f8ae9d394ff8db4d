using System.Globalization;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Kernels;

/// <summary>Kernels of this program and of a peer, measured in turns: all of one party's, then all of the other's, every second round the other way round.</summary>
internal sealed class KernelContest
{
    private readonly List<IReadOnlyList<Distribution>> _own = [];
    private readonly List<IReadOnlyList<double>> _peer = [];

    private KernelContest()
    {
    }

    /// <param name="own">This program's kernels.</param>
    /// <param name="peer">The built peer; null for none.</param>
    /// <param name="work">What it is asked for.</param>
    /// <param name="rounds">How often.</param>
    /// <exception cref="InvalidOperationException">The peer failed.</exception>
    public static KernelContest Run(IReadOnlyList<Func<Distribution>> own, string? peer, KernelWork work, int rounds)
    {
        var contest = new KernelContest();
        for (int round = 0; round < rounds; round++)
        {
            Action[] parties = [() => contest._own.Add([.. own.Select(kernel => kernel())]), () => contest._peer.Add(peer is null ? [] : work.Read(ProcessRun.Output("TorchSharp", "dotnet", [peer, "kernels", work.ToJson()])))];
            foreach (Action party in round % 2 == 0 ? parties : parties.Reverse())
                party();
        }
        return contest;
    }

    /// <summary>A kernel's times, of the round whose median is the median of all.</summary>
    public Distribution Own(int kernel)
    {
        Distribution[] sorted = [.. _own.Select(round => round[kernel]).OrderBy(time => time.Median)];
        return sorted[(sorted.Length - 1) / 2];
    }

    /// <summary>The peer's median of a kernel, in milliseconds.</summary>
    public double Peer(int kernel) => Distribution.Of(_peer.Select(round => round[kernel])).Median;

    /// <summary>How many times as fast as the peer: the median of the rounds, with the least and the greatest.</summary>
    public string Ratio(int own, int theirs)
    {
        double[] ratios = [.. _own.Zip(_peer, (mine, peer) => peer[theirs] / mine[own].Median).Order()];
        return string.Create(CultureInfo.InvariantCulture, $"{Distribution.Of(ratios).Median:0.00} ({ratios[0]:0.00}–{ratios[^1]:0.00})");
    }
}
