using System.Globalization;
using System.Text.Json;

namespace Lockstep.Chaos.Logs;

/// <summary>One line of a run's <c>metrics.jsonl</c>.</summary>
/// <param name="Step">The step.</param>
/// <param name="Subject">step, evaluation or diagnostics.</param>
/// <param name="Numbers">What it says but for the times that were measured and for who was late.</param>
public sealed record StepLine(long Step, string Subject, string Numbers);

/// <summary>The committed step log of a run, and whether each step stands in it exactly once with the numbers of another run.</summary>
/// <param name="Lines">Its lines in order.</param>
public sealed record StepLog(IReadOnlyList<StepLine> Lines)
{
    private const string Trained = "step";

    /// <summary>Reads the text of the file.</summary>
    /// <exception cref="FormatException">A line is none that a run writes.</exception>
    public static StepLog Parse(TextReader text)
    {
        var lines = new List<StepLine>();
        while (text.ReadLine() is { } line)
            lines.Add(LineOf(line) ?? throw new FormatException($"line {lines.Count + 1} of the step log is no line of a step: {line}"));
        return new StepLog(lines);
    }

    /// <summary>Reads a file that may be written to meanwhile.</summary>
    public static StepLog Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return Parse(reader);
    }

    /// <summary>Reads a line; null where it is not one, or not a whole one.</summary>
    public static StepLine? LineOf(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            string subject = root.TryGetProperty("evaluation", out _) ? "evaluation" : root.TryGetProperty("diagnostics", out _) ? "diagnostics" : Trained;
            string numbers = string.Join(", ", root.EnumerateObject()
                .Where(property => property.Name is not ("seconds" or "roundTripSeconds" or "backedUp"))
                .Select(property => $"{property.Name}: {property.Value.GetRawText()}"));
            return new StepLine(root.GetProperty("step").GetInt64(), subject, numbers);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// What is wrong with it: a step that is lost, doubled, out of order, or has other numbers than in the undisturbed run. Null where nothing is.
    /// </summary>
    /// <param name="undisturbed">The log of the undisturbed run.</param>
    public string? DifferenceFrom(StepLog undisturbed) =>
        Lines.Select(line => line.Subject).Concat(undisturbed.Lines.Select(line => line.Subject)).Distinct().Order(StringComparer.Ordinal)
            .Select(subject => Difference(subject, undisturbed))
            .FirstOrDefault(difference => difference is not null);

    private string? Difference(string subject, StepLog undisturbed)
    {
        StepLine[] found = [.. Lines.Where(line => line.Subject == subject)];
        var expected = new Dictionary<long, string>();
        foreach (StepLine line in undisturbed.Lines.Where(line => line.Subject == subject))
        {
            if (!expected.TryAdd(line.Step, line.Numbers))
                return Text($"the undisturbed run has the {subject} of step {line.Step} twice");
        }
        var seen = new HashSet<long>();
        long last = -1;
        foreach (StepLine line in found)
        {
            if (!seen.Add(line.Step))
                return Text($"the {subject} of step {line.Step} stands in the log twice");
            if (line.Step < last)
                return Text($"the {subject} of step {line.Step} stands in the log after that of step {last}");
            last = line.Step;
            if (!expected.TryGetValue(line.Step, out string? numbers))
                return Text($"the {subject} of step {line.Step} stands in the log, and not in that of the undisturbed run");
            if (numbers != line.Numbers)
                return Text($"the {subject} of step {line.Step} is {{ {line.Numbers} }} instead of {{ {numbers} }}");
        }
        long[] lost = [.. expected.Keys.Where(step => !seen.Contains(step)).Order()];
        return lost.Length == 0 ? null : Text($"the {subject} of step {lost[0]} is not in the log{(lost.Length > 1 ? Text($", nor {lost.Length - 1} others") : "")}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
