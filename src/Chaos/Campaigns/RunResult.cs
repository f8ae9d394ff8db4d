using System.Text.Json;
using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Campaigns;

/// <summary>What is kept of one run of a campaign.</summary>
/// <param name="Schedule">What was done to it.</param>
/// <param name="Verdict">What it says.</param>
/// <param name="Faults">What came of each fault, in the schedule's order.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="WorkersEnded">Worker processes that ended before the run did.</param>
public sealed record RunResult(Schedule Schedule, Verdict Verdict, IReadOnlyList<FaultOutcome> Faults, double Seconds, int WorkersEnded)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    /// <summary>Faults that struck.</summary>
    public int Struck => Faults.Count(fault => fault.StruckAt is not null);

    /// <summary>Steps that were made once more.</summary>
    public long Replayed => Faults.Sum(fault => fault.Replayed);

    /// <summary>The longest time without a decided step after a fault, in seconds.</summary>
    public double LongestPause => Faults.Select(fault => fault.Pause).DefaultIfEmpty(0).Max();

    /// <summary>The file's bytes.</summary>
    public byte[] Write()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WritePropertyName("schedule");
            ScheduleFile.Write(json, Schedule);
            json.WriteString("verdict", Verdict.Kind.ToString());
            json.WriteString("reason", Verdict.Reason);
            json.WriteNumber("seconds", Seconds);
            json.WriteNumber("workersEnded", WorkersEnded);
            json.WriteStartArray("outcomes");
            foreach (FaultOutcome fault in Faults)
                Write(json, fault);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Reads it back; null where it is no such file, so that the run is made again.</summary>
    public static RunResult? Read(byte[] utf8)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(utf8);
            JsonElement root = json.RootElement;
            Schedule schedule = ScheduleFile.Read(root.GetProperty("schedule"));
            JsonElement[] outcomes = [.. root.GetProperty("outcomes").EnumerateArray()];
            if (outcomes.Length != schedule.Faults.Count || !Enum.TryParse(root.GetProperty("verdict").GetString(), out VerdictKind kind))
                return null;
            return new RunResult(
                schedule,
                new Verdict(kind, root.GetProperty("reason").GetString()),
                [.. outcomes.Zip(schedule.Faults, Read)],
                root.GetProperty("seconds").GetDouble(),
                root.GetProperty("workersEnded").GetInt32());
        }
        catch (Exception e) when (e is JsonException or ScheduleFormatException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, FaultOutcome fault)
    {
        json.WriteStartObject();
        if (fault.StruckAt is { } at)
            json.WriteNumber("struckAt", at);
        if (fault.Miss is not null)
            json.WriteString("miss", fault.Miss);
        json.WriteNumber("pause", fault.Pause);
        json.WriteNumber("replayed", fault.Replayed);
        if (fault.LeavesGiven is { } leaves)
            json.WriteNumber("leavesGiven", leaves);
        json.WriteEndObject();
    }

    private static FaultOutcome Read(JsonElement outcome, PlannedFault fault) => new(
        fault,
        outcome.TryGetProperty("struckAt", out JsonElement at) ? at.GetInt64() : null,
        outcome.TryGetProperty("miss", out JsonElement miss) ? miss.GetString() : null,
        outcome.GetProperty("pause").GetDouble(),
        outcome.GetProperty("replayed").GetInt64(),
        outcome.TryGetProperty("leavesGiven", out JsonElement leaves) ? leaves.GetInt32() : null);
}
