using System.Globalization;
using Lockstep.Protocol.Logging;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Lockstep.Cli.Logging;

/// <summary>Events as short lines for a person: level and message, without the exception's stack.</summary>
internal sealed class WriterSink(TextWriter writer) : ILogEventSink
{
    private readonly Lock _gate = new();
    private readonly MessageTemplateTextFormatter _message = new("{Message:lj}", CultureInfo.InvariantCulture);

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
        var text = new StringWriter(CultureInfo.InvariantCulture);
        _message.Format(logEvent, text);
        lock (_gate)
            writer.WriteLine($"{level}: {text}");
    }
}
