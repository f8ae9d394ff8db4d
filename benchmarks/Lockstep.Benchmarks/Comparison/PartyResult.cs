using System.Text.Json;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>What one process of any party prints, as one line of JSON.</summary>
/// <param name="Party">Who.</param>
/// <param name="Threads">Compute threads, of all its processes.</param>
/// <param name="Losses">Of the first steps, or of the steps without dropout.</param>
/// <param name="Milliseconds">Of every measured step.</param>
/// <param name="PeakBytes">The most memory that it had resident at a time, all its processes added; 0 where the system does not tell.</param>
internal sealed record PartyResult(string Party, int Threads, IReadOnlyList<double> Losses, IReadOnlyList<double> Milliseconds, long PeakBytes)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <exception cref="InvalidOperationException">The text is not such a line.</exception>
    public static PartyResult FromJson(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<PartyResult>(line, Options) is { Losses.Count: > 0, Milliseconds.Count: > 0 } result
                ? result
                : throw new InvalidOperationException($"There are no losses or times in: {line}");
        }
        catch (JsonException fault)
        {
            throw new InvalidOperationException($"Not the result of a measurement: {line}", fault);
        }
    }
}
