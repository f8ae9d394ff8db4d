using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Mapping;

/// <summary>What a job's diagnostics mean for the engine.</summary>
public static class DiagnosticSpecifications
{
    /// <summary>What is shown; empty where nothing is.</summary>
    public static IReadOnlyList<DiagnosticKind> DiagnosticKinds(this Job job) => [.. (job.Diagnostics?.Show ?? []).Select(Kind)];

    private static DiagnosticKind Kind(Diagnostic diagnostic) => diagnostic switch
    {
        Diagnostic.GradientNorms => DiagnosticKind.GradientNorms,
        Diagnostic.UpdateRatios => DiagnosticKind.UpdateRatios,
        Diagnostic.DeadRelus => DiagnosticKind.DeadRelus,
        Diagnostic.GradientByTime => DiagnosticKind.GradientByTime,
        _ => throw new InvalidOperationException($"The engine has nothing for {diagnostic}"),
    };
}
