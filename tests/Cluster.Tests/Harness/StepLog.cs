using System.Text.Json;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>What <c>metrics.jsonl</c> says of the steps and the evaluations of a run.</summary>
/// <param name="Steps">The lines of steps, without the times that were measured and without what was late.</param>
/// <param name="Evaluations">The lines of evaluations.</param>
public sealed record StepLog(IReadOnlyList<string> Steps, IReadOnlyList<string> Evaluations)
{
    /// <summary>Reads it.</summary>
    public static StepLog Read(string runDirectory)
    {
        var steps = new List<string>();
        var evaluations = new List<string>();
        foreach (string line in File.ReadLines(Path.Combine(runDirectory, "metrics.jsonl")))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string text = string.Join(", ", json.RootElement.EnumerateObject()
                .Where(property => property.Name is not ("seconds" or "roundTripSeconds" or "backedUp"))
                .Select(property => $"{property.Name}: {property.Value.GetRawText()}"));
            (json.RootElement.TryGetProperty("evaluation", out _) ? evaluations : steps).Add(text);
        }
        return new StepLog(steps, evaluations);
    }

    /// <summary>Where it is not what an undisturbed run writes: every step once, in order, with the same numbers. Null where it is.</summary>
    public string? DifferenceFrom(StepLog undisturbed) =>
        Difference("step", Steps, undisturbed.Steps) ?? Difference("evaluation", Evaluations, undisturbed.Evaluations);

    private static string? Difference(string what, IReadOnlyList<string> found, IReadOnlyList<string> expected)
    {
        for (int i = 0; i < Math.Min(found.Count, expected.Count); i++)
        {
            if (found[i] != expected[i])
                return $"metrics.jsonl, {what} line {i + 1}: {{ {found[i]} }} instead of {{ {expected[i]} }}";
        }
        return found.Count == expected.Count ? null : $"metrics.jsonl has {found.Count} {what} lines instead of {expected.Count}";
    }
}
