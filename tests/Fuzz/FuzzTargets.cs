namespace Lockstep.Fuzz;

/// <summary>Every reader of bytes from outside.</summary>
public static class FuzzTargets
{
    /// <summary>In the order in which they are tried.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } = [.. WireTargets.All, .. TableTargets.All, .. ImageTargets.All, .. FileTargets.All];
}
