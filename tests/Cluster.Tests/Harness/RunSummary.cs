namespace Lockstep.Cluster.Tests.Harness;

/// <summary>How a run ended, as its coordinator's last lines say.</summary>
/// <param name="ExitCode">The coordinator's.</param>
/// <param name="ModelSha256">The hash of the model; null where the run ended without a checkpoint.</param>
/// <param name="StateSha256">The hash over the optimizer's and the carried state too.</param>
/// <param name="RunDirectory">Where the run's files are.</param>
public sealed record RunSummary(int ExitCode, string? ModelSha256, string? StateSha256, string RunDirectory);
