using System.Globalization;
using Google.Protobuf;

namespace Lockstep.Coordinator.Running.TensorBoard;

/// <summary>
/// A TensorBoard event file in the run directory: loss, gradient norm and learning rate by step, and every evaluation. A run that is
/// resumed begins another file, which says from which step on the files before it do not count.
/// </summary>
/// <remarks>The form is that of the protocol buffer <c>tensorflow.Event</c>; the numbers below are its field numbers.</remarks>
internal sealed class EventFile : IRunObserver, IDisposable
{
    private const int WallTime = 1, Step = 2, FileVersion = 3, Summary = 5, SessionLog = 7;
    private const int SummaryValue = 1, Tag = 1, SimpleValue = 2, SessionStatus = 1, SessionStart = 1;

    // Some hundred steps: nobody follows these files line by line.
    private const int Gathered = 64 * 1024;

    // Bytes that a message is gathered in before they go on: an event has some hundred, and a stream of messages asks for 4,096 of its own accord.
    private const int MessageBuffer = 128;

    private readonly AppendedFile _file;
    private readonly TimeProvider _time;

    private EventFile(AppendedFile file, TimeProvider time) => (_file, _time) = (file, time);

    /// <summary>Begins a file.</summary>
    /// <param name="runDirectory">The run's folder.</param>
    /// <param name="firstStep">The step that the run goes on with.</param>
    /// <param name="time">For the file's name and the events' times.</param>
    public static EventFile Create(string runDirectory, long firstStep, TimeProvider time)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeMilliseconds()}.{Environment.MachineName}");
        var file = new EventFile(AppendedFile.Open(Path.Combine(runDirectory, name), Gathered), time);
        file.Write(0, output => Text(output, FileVersion, "brain.Event:2"));
        file.Write(firstStep, output => Message(output, SessionLog, log =>
        {
            log.WriteTag(SessionStatus, WireFormat.WireType.Varint);
            log.WriteEnum(SessionStart);
        }));
        return file;
    }

    public void Observe(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case StepCompleted step:
                Write(step.Step, output => Scalars(output, ("train/loss", step.Loss), ("train/gradientNorm", step.GradientNorm), ("train/learningRate", step.LearningRate)));
                break;
            case Evaluated evaluated:
                Write(evaluated.Step, output => Scalars(output, [.. evaluated.Metrics.Select(metric => ("validation/" + metric.Name, metric.Value))]));
                break;
            case Diagnosed diagnosed:
                Write(diagnosed.Step, output => Scalars(output, [.. diagnosed.Values.Select(value => ("diagnostics/" + value.Name, value.Value))]));
                break;
            case CheckpointWritten or RunEnded:
                _file.TryWrite();
                break;
        }
    }

    public void Dispose() => _file.Dispose();

    private void Write(long step, Action<CodedOutputStream> content)
    {
        byte[] record = Bytes(output =>
        {
            output.WriteTag(WallTime, WireFormat.WireType.Fixed64);
            output.WriteDouble(_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            output.WriteTag(Step, WireFormat.WireType.Varint);
            output.WriteInt64(step);
            content(output);
        });
        using var framed = new MemoryStream();
        RecordStream.Write(framed, record);
        _file.Append(framed.GetBuffer().AsSpan(0, (int)framed.Length));
    }

    private static void Scalars(CodedOutputStream output, params (string Name, double Value)[] scalars) => Message(output, Summary, summary =>
    {
        foreach ((string name, double value) in scalars)
        {
            Message(summary, SummaryValue, entry =>
            {
                Text(entry, Tag, name);
                entry.WriteTag(SimpleValue, WireFormat.WireType.Fixed32);
                entry.WriteFloat((float)value);
            });
        }
    });

    private static void Text(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> content)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Bytes(content)));
    }

    private static byte[] Bytes(Action<CodedOutputStream> content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, MessageBuffer))
            content(output);
        return stream.ToArray();
    }
}
