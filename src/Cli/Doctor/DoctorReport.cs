using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lockstep.Cli.Doctor;

/// <summary>The findings as text or JSON.</summary>
public static class DoctorReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One line a finding, and what to do under it where something is to do.</summary>
    public static IEnumerable<string> Text(IReadOnlyList<Finding> findings)
    {
        int width = findings.Max(finding => finding.Topic.Length);
        foreach (Finding finding in findings)
        {
            string mark = finding.Health switch { Health.Ok => "ok  ", Health.Warning => "WARN", _ => "FAIL" };
            yield return $"{mark} {finding.Topic.PadRight(width)}  {finding.Found}";
            if (finding.Mend is not null)
                yield return $"     {new string(' ', width)}  → {finding.Mend}";
        }
    }

    /// <summary>An array of findings with topic, health, found and mend.</summary>
    public static string ToJson(IReadOnlyList<Finding> findings) => JsonSerializer.Serialize(findings, Json);
}
