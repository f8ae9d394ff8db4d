using Lockstep.Protocol.Logging;
using Serilog.Core;
using Serilog.Events;

namespace Lockstep.Cli.Logging;

/// <summary>Events as short lines for a person: level and message, without the exception's stack.</summary>
internal sealed class WriterSink(TextWriter writer) : ILogEventSink
{
    private readonly Lock _gate = new();

    public void Emit(LogEvent logEvent)
    {
        // What the actor system says goes to log files alone.
        if (logEvent.Properties.ContainsKey(ControlPlaneLog.SourceProperty))
            return;
        string level = logEvent.Level switch
        {
            LogEventLevel.Warning => "warning",
            LogEventLevel.Error or LogEventLevel.Fatal => "error",
            _ => "note",
        };
        lock (_gate)
            writer.WriteLine($"{level}: {logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture)}");
    }
}
