using System.Diagnostics;
using System.Globalization;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>
/// One side of a comparison. It measures in a process of its own, which has ended before the next begins: libtorch's
/// OpenMP threads spin for milliseconds after a call and would take half of whatever runs beside them.
/// </summary>
/// <param name="Name">Column of the table.</param>
/// <param name="Arguments">What <c>dotnet</c> is called with, but for the threads.</param>
internal sealed record Party(string Name, IReadOnlyList<string> Arguments)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>This program.</summary>
    public static Party Lockstep(int shards, int steps) => new(
        $"Lockstep, {shards} {(shards == 1 ? "leaf" : "leaves")}",
        [Path.Combine(AppContext.BaseDirectory, "Lockstep.Benchmarks.dll"), "step", "--json", "--shards", Text(shards), "--steps", Text(steps)]);

    /// <summary>The peer in a project of its own, which is given weights and batches by a file.</summary>
    public static Party TorchSharp(string program, string work, int steps) => new("TorchSharp", [program, "step", work, "--steps", Text(steps)]);

    /// <exception cref="InvalidOperationException">The process failed; the message has what it printed.</exception>
    public PartyResult Measure(int threads)
    {
        var start = new ProcessStartInfo("dotnet", [.. Arguments, "--threads", Text(threads)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        Task<string> printed = process.StandardOutput.ReadToEndAsync();
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{Name} did not end within {Patience.TotalMinutes} minutes. It printed:\n{printed.Result}{complaints.Result}");
        }
        return process.ExitCode == 0
            ? PartyResult.FromJson(printed.Result)
            : throw new InvalidOperationException($"{Name} ended with exit code {process.ExitCode}. It printed:\n{printed.Result}{complaints.Result}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
