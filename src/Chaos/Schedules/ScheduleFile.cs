using System.Text.Json;
using Lockstep.Chaos.Faults;

namespace Lockstep.Chaos.Schedules;

/// <summary>A text is no schedule; the message says where and why.</summary>
public sealed class ScheduleFormatException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Schedules as JSON: data that is read strictly, every key known and once, every number in its bounds. Writing what was
/// read gives the same bytes.
/// </summary>
public static class ScheduleFile
{
    /// <summary>The format that this version writes and reads.</summary>
    public const int Format = 1;

    /// <summary>Most faults that a schedule may have.</summary>
    public const int MostFaults = 10_000;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    // Beyond what any schedule needs, so that no text makes the reader's stack overflow.
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8 };

    private static readonly (string Name, Exchange Exchange)[] Exchanges = [("tcp", Exchange.Tcp), ("shared-memory", Exchange.SharedMemory)];

    private static readonly (string Name, LinkDirection Direction)[] Directions =
        [("to-coordinator", LinkDirection.ToCoordinator), ("to-worker", LinkDirection.ToWorker), ("both", LinkDirection.Both)];

    /// <summary>The word for how numbers travel.</summary>
    public static string NameOf(Exchange exchange) => Exchanges.Single(pair => pair.Exchange == exchange).Name;

    /// <summary>The file's bytes, with a line feed at the end.</summary>
    public static byte[] Write(Schedule schedule)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Indented))
            Write(json, schedule);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <summary>Writes a schedule as a value of a larger text.</summary>
    public static void Write(Utf8JsonWriter json, Schedule schedule)
    {
        json.WriteStartObject();
        json.WriteNumber("format", Format);
        json.WriteNumber("seed", schedule.Seed);
        json.WriteNumber("run", schedule.Run);
        json.WriteNumber("attempt", schedule.Attempt);
        json.WriteNumber("workers", schedule.Workers);
        json.WriteString("exchange", NameOf(schedule.Exchange));
        json.WriteStartArray("faults");
        foreach (PlannedFault fault in schedule.Faults)
            Write(json, fault);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ScheduleFormatException">It is none.</exception>
    public static Schedule Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(utf8, Strict);
            return Read(json.RootElement);
        }
        catch (JsonException e)
        {
            throw new ScheduleFormatException($"This is no JSON: {e.Message}", e);
        }
    }

    /// <summary>Reads a schedule that is a value of a larger text.</summary>
    /// <exception cref="ScheduleFormatException">It is none.</exception>
    public static Schedule Read(JsonElement value)
    {
        Fields fields = new(value, "the schedule");
        if (fields.Number("format", 0, int.MaxValue) is not Format and long format)
            throw new ScheduleFormatException($"The schedule has format {format}, and this version reads format {Format}. Replay it with the version that wrote it.");
        var schedule = new Schedule(
            fields.Unsigned("seed"),
            (int)fields.Number("run", 0, int.MaxValue),
            (int)fields.Number("attempt", 0, 1_000),
            (int)fields.Number("workers", 1, Schedule.MostWorkers),
            fields.OneOf("exchange", Exchanges),
            []);
        JsonElement list = fields.Take("faults");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MostFaults)
            throw new ScheduleFormatException($"'faults' of the schedule is no list of at most {MostFaults} faults.");
        fields.RequireNoOther();
        PlannedFault[] faults = [.. list.EnumerateArray().Select((entry, i) => ReadFault(entry, $"fault {i + 1}", schedule.Workers))];
        for (int i = 1; i < faults.Length; i++)
        {
            if (faults[i].Step < faults[i - 1].Step)
                throw new ScheduleFormatException($"fault {i + 1} strikes before the one that it follows. Put the faults into the order of their steps.");
        }
        if (schedule.Exchange == Exchange.SharedMemory && faults.FirstOrDefault(fault => FaultCatalogue.IsOfLink(fault.Kind)) is { } lost)
            throw new ScheduleFormatException($"'{FaultCatalogue.NameOf(lost.Kind)}' is done to bytes on their way, and in shared memory there are none. Say \"exchange\": \"tcp\".");
        schedule = schedule with { Faults = faults };
        if (schedule.HasStandby && faults.FirstOrDefault(fault => !FaultCatalogue.GoesWithStandby(fault.Kind)) is { } alone)
            throw new ScheduleFormatException($"'{FaultCatalogue.NameOf(alone.Kind)}' does not go with a standby, which 'takeover' needs. Put one of the two into a schedule of its own.");
        return schedule;
    }

    private static void Write(Utf8JsonWriter json, PlannedFault fault)
    {
        FaultFields fields = FaultCatalogue.FieldsOf(fault.Kind);
        json.WriteStartObject();
        json.WriteString("kind", FaultCatalogue.NameOf(fault.Kind));
        json.WriteNumber("step", fault.Step);
        if (fields.HasFlag(FaultFields.Target))
            json.WriteNumber("target", fault.Target);
        if (fields.HasFlag(FaultFields.Milliseconds))
            json.WriteNumber("milliseconds", fault.Milliseconds);
        if (fields.HasFlag(FaultFields.Direction))
            json.WriteString("direction", Directions.Single(pair => pair.Direction == fault.Direction).Name);
        if (fields.HasFlag(FaultFields.Amount))
            json.WriteNumber("amount", fault.Amount);
        if (fields.HasFlag(FaultFields.Bit))
            json.WriteNumber("bit", fault.Bit);
        if (fields.HasFlag(FaultFields.Place))
        {
            json.WriteNumber("layer", fault.Layer);
            json.WriteNumber("leaf", fault.Leaf);
        }
        json.WriteEndObject();
    }

    private static PlannedFault ReadFault(JsonElement value, string name, int workers)
    {
        Fields fields = new(value, name);
        string kindName = fields.Text("kind");
        FaultKind kind = FaultCatalogue.Find(kindName) ?? throw new ScheduleFormatException($"{name} is of the kind '{kindName}', which is none.");
        FaultFields has = FaultCatalogue.FieldsOf(kind);
        var fault = new PlannedFault(kind, fields.Number("step", 0, long.MaxValue));
        if (has.HasFlag(FaultFields.Target))
            fault = fault with { Target = (int)fields.Number("target", 0, workers - 1) };
        if (has.HasFlag(FaultFields.Milliseconds))
            fault = fault with { Milliseconds = (int)fields.Number("milliseconds", 0, FaultCatalogue.MostMilliseconds) };
        if (has.HasFlag(FaultFields.Direction))
            fault = fault with { Direction = fields.OneOf("direction", Directions) };
        if (has.HasFlag(FaultFields.Amount))
        {
            (int least, int most) = FaultCatalogue.AmountOf(kind);
            fault = fault with { Amount = (int)fields.Number("amount", least, most) };
        }
        if (has.HasFlag(FaultFields.Bit))
            fault = fault with { Bit = (int)fields.Number("bit", kind == FaultKind.Flip ? 0 : -1, 7) };
        if (has.HasFlag(FaultFields.Place))
            fault = fault with { Layer = (int)fields.Number("layer", 0, 1_000_000), Leaf = (int)fields.Number("leaf", 0, 1_000_000) };
        fields.RequireNoOther();
        return fault;
    }

    /// <summary>The keys of one object, each of which is taken once.</summary>
    private sealed class Fields
    {
        private readonly string _name;
        private readonly Dictionary<string, JsonElement> _left = [];

        public Fields(JsonElement value, string name)
        {
            _name = name;
            if (value.ValueKind != JsonValueKind.Object)
                throw new ScheduleFormatException($"{name} is no object.");
            foreach (JsonProperty property in value.EnumerateObject())
            {
                if (!_left.TryAdd(NameOf(property), property.Value))
                    throw new ScheduleFormatException($"{name} says '{property.Name}' twice.");
            }
        }

        public JsonElement Take(string key) =>
            _left.Remove(key, out JsonElement value) ? value : throw new ScheduleFormatException($"{_name} does not say '{key}'.");

        public string Text(string key)
        {
            try
            {
                return Take(key).GetString() ?? throw Wrong(key, "no text");
            }
            catch (InvalidOperationException)
            {
                throw Wrong(key, "no text");
            }
        }

        public long Number(string key, long least, long most) =>
            Take(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) && number >= least && number <= most
                ? number
                : throw Wrong(key, $"no whole number from {least} to {most}");

        public ulong Unsigned(string key) =>
            Take(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetUInt64(out ulong number) ? number : throw Wrong(key, "no whole number from 0 up");

        public T OneOf<T>(string key, (string Name, T Value)[] choices)
        {
            string text = Text(key);
            foreach ((string name, T value) in choices)
            {
                if (name == text)
                    return value;
            }
            throw Wrong(key, $"none of {string.Join(", ", choices.Select(choice => choice.Name))}");
        }

        public void RequireNoOther()
        {
            if (_left.Count > 0)
                throw new ScheduleFormatException($"{_name} says '{_left.Keys.First()}', which means nothing there.");
        }

        // A name may hold half a surrogate pair, which is no text.
        private string NameOf(JsonProperty property)
        {
            try
            {
                return property.Name;
            }
            catch (InvalidOperationException e)
            {
                throw new ScheduleFormatException($"{_name} has a key that is no text.", e);
            }
        }

        private ScheduleFormatException Wrong(string key, string what) => new($"'{key}' of {_name} is {what}.");
    }
}
