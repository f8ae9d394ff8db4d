using System.Text.Json;
using Lockstep.Protocol;

namespace Lockstep.Coordinator.Running;

/// <summary>
/// <c>metrics.jsonl</c>: a line a step, keyed by the step. A run that is resumed cuts it back to its checkpoint, so that every step
/// stands in it once; a step that is replayed must have the loss that it had.
/// </summary>
public sealed class MetricsFile : IRunObserver, IDisposable
{
    /// <summary>Name of the file in the run directory.</summary>
    public const string Name = "metrics.jsonl";

    private readonly AppendedFile _file;
    private readonly Dictionary<long, double> _replayed;

    private MetricsFile(AppendedFile file, Dictionary<long, double> replayed) => (_file, _replayed) = (file, replayed);

    /// <summary>Why the last lines could not be written; they are kept, and written as soon as they can be. Null where all are.</summary>
    public IOException? Obstacle => _file.Obstacle;

    /// <summary>Opens the file and keeps of it what happened before a step.</summary>
    /// <param name="runDirectory">The run's folder.</param>
    /// <param name="firstStep">The step that the run goes on with.</param>
    public static MetricsFile Open(string runDirectory, long firstStep)
    {
        string path = Path.Combine(runDirectory, Name);
        var replayed = new Dictionary<long, double>();
        if (File.Exists(path))
            CutBack(path, firstStep, replayed);
        // Whoever follows the file sees a step when it is decided, and a coordinator that is killed loses none of which replays are held against.
        return new MetricsFile(AppendedFile.Open(path, writtenFrom: 0), replayed);
    }

    /// <summary>Why a replayed step cannot be right; null where it is, or is no replay.</summary>
    /// <param name="step">The step.</param>
    /// <param name="loss">Its loss now.</param>
    public string? Contradiction(long step, double loss) =>
        _replayed.Remove(step, out double before) && before != loss && Safety.Holds(SafetyRule.RequireSameLoss) && !(double.IsNaN(before) && double.IsNaN(loss))
            ? $"step {step} was replayed and its loss is {loss:R}, but was {before:R} before: a machine, the data or the build has changed"
            : null;

    public void Observe(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case StepCompleted step:
                Write(writer =>
                {
                    writer.WriteNumber("step", step.Step);
                    writer.WriteNumber("epoch", step.Epoch);
                    writer.WriteNumber("samples", step.Samples);
                    Number(writer, "loss", step.Loss);
                    Number(writer, "gradientNorm", step.GradientNorm);
                    writer.WriteNumber("learningRate", step.LearningRate);
                    writer.WriteNumber("seconds", Math.Round(step.Seconds, 6));
                    if (step.RoundTrip is { } roundTrip)
                        writer.WriteNumber("roundTripSeconds", Math.Round(roundTrip.TotalSeconds, 6));
                    if (step.BackedUp > 0)
                        writer.WriteNumber("backedUp", step.BackedUp);
                });
                break;
            case Evaluated evaluated:
                Write(writer =>
                {
                    writer.WriteNumber("step", evaluated.Step);
                    writer.WriteStartObject("evaluation");
                    foreach (MetricValue metric in evaluated.Metrics)
                        Number(writer, metric.Name, metric.Value);
                    writer.WriteEndObject();
                });
                break;
            case Diagnosed diagnosed:
                Write(writer =>
                {
                    writer.WriteNumber("step", diagnosed.Step);
                    writer.WriteStartObject("diagnostics");
                    foreach (MetricValue value in diagnosed.Values)
                        Number(writer, value.Name, value.Value);
                    writer.WriteEndObject();
                });
                break;
            case RunEnded:
                // Whether the run's end stands on the disk is the last checkpoint's to say, before which all lines were.
                _file.TryWrite();
                break;
        }
    }

    /// <summary>
    /// Brings all lines to the disk. Comes before a checkpoint: a run that is resumed from it never writes the lines before it again.
    /// </summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Flush() => _file.Sync();

    public void Dispose() => _file.Dispose();

    private void Write(Action<Utf8JsonWriter> content)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        _file.Append(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    // JSON has no NaN and no infinity.
    private static void Number(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumber(name, value);
        else
            writer.WriteString(name, value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static void CutBack(string path, long firstStep, Dictionary<long, double> replayed)
    {
        string kept = path + ".partial";
        using (StreamReader reader = File.OpenText(path))
        using (var writer = new StreamWriter(kept) { NewLine = "\n" })
        {
            while (reader.ReadLine() is { } line)
            {
                if (StepOf(line) is not { } entry)
                    continue;
                // An evaluation belongs to the parameters that its step starts from, so that of the first step is made again.
                if (entry.Step < firstStep || !Safety.Holds(SafetyRule.CutLogBack))
                    writer.WriteLine(line);
                else if (entry.Loss is { } loss)
                    replayed[entry.Step] = loss;
            }
        }
        File.Move(kept, path, overwrite: true);
    }

    // The last line of a killed coordinator may be half a line: it counts for nothing.
    private static (long Step, double? Loss)? StepOf(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            double? loss = root.TryGetProperty("loss", out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
            return (root.GetProperty("step").GetInt64(), loss);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
