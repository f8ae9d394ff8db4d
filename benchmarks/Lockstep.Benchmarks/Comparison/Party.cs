using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>
/// One side of a comparison. It measures in processes of its own, which have ended before the next begin: libtorch's
/// OpenMP threads spin for milliseconds after a call and would take half of whatever runs beside them.
/// </summary>
/// <param name="Name">What tables call it.</param>
/// <param name="IsLockstep">Whether its losses must be the same bits in every turn.</param>
/// <param name="Measure">Takes a turn with so many threads, or processes of one thread.</param>
internal sealed record Party(string Name, bool IsLockstep, Func<int, PartyResult> Measure)
{
    /// <summary>This program, in one process.</summary>
    /// <param name="name">What tables call it.</param>
    /// <param name="jobFile">The job.</param>
    /// <param name="settings">What <c>--set</c> takes.</param>
    /// <param name="turn">What is asked for, but for the threads.</param>
    public static Party Lockstep(string name, string jobFile, IReadOnlyList<string> settings, Turn turn) => new(
        name,
        IsLockstep: true,
        threads => Run(
            name, "dotnet", TurnArguments(jobFile, settings, turn with { Threads = threads })));

    /// <summary>What <c>dotnet</c> is given to take a turn with this program.</summary>
    /// <param name="jobFile">The job.</param>
    /// <param name="settings">What <c>--set</c> takes.</param>
    /// <param name="turn">What is asked for.</param>
    public static IReadOnlyList<string> TurnArguments(string jobFile, IReadOnlyList<string> settings, Turn turn) =>
        [Path.Combine(AppContext.BaseDirectory, "Lockstep.Benchmarks.dll"), "turn", jobFile, turn.ToJson(), .. settings.SelectMany(setting => (string[])["--set", setting])];

    /// <summary>The peer in a project of its own, which is given weights and minibatches by a file.</summary>
    /// <param name="program">The built peer.</param>
    /// <param name="workload">The name of the workload.</param>
    /// <param name="shared">What <see cref="SharedWork"/> wrote.</param>
    /// <param name="turn">What is asked for, but for the threads.</param>
    public static Party TorchSharp(string program, string workload, string shared, Turn turn) => new(
        "TorchSharp", IsLockstep: false, threads => Run("TorchSharp", "dotnet", [program, "turn", workload, shared, (turn with { Threads = threads }).ToJson()]));

    /// <summary>Runs a program that prints a line of JSON.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it printed.</exception>
    public static PartyResult Run(string name, string program, IReadOnlyList<string> arguments) =>
        PartyResult.FromJson(ProcessRun.Output(name, program, arguments));
}
