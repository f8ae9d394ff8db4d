namespace Lockstep.Cluster.Tests.Harness;

/// <summary>How a run ended, as its coordinator's last lines say.</summary>
/// <param name="ExitCode">The coordinator's.</param>
/// <param name="ModelSha256">The hash of the model; null where the run ended without a checkpoint.</param>
/// <param name="StateSha256">The hash over the optimizer's and the carried state too.</param>
/// <param name="RunDirectory">Where the run's files are.</param>
public sealed record RunSummary(int ExitCode, string? ModelSha256, string? StateSha256, string RunDirectory)
{
    private const string ModelLine = "model sha256 ";
    private const string StateLine = "state sha256 ";

    /// <summary>Waits for the end of whoever leads it.</summary>
    public static async Task<RunSummary> OfAsync(LockstepProcess process, string runDirectory, TimeSpan? bound = null)
    {
        int exitCode = await process.ExitAsync(bound);
        string[] lines = process.Transcript.Split('\n');
        return new RunSummary(exitCode, After(lines, ModelLine), After(lines, StateLine), runDirectory);
    }

    private static string? After(string[] lines, string start) =>
        lines.LastOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..];
}
