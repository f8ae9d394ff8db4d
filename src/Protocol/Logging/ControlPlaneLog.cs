using Akka.Actor;
using Akka.Event;
using LogEvent = Akka.Event.LogEvent;
using LogEventLevel = Serilog.Events.LogEventLevel;

namespace Lockstep.Protocol.Logging;

/// <summary>
/// Takes what the actor system says to the process's log, marked with <see cref="SourceProperty"/> so that a console can leave it
/// out: most of it tells of connections that ended because a run did.
/// </summary>
public sealed class ControlPlaneLog : ReceiveActor
{
    /// <summary>The property of an event that names the actor which spoke.</summary>
    public const string SourceProperty = "ControlPlane";

    public ControlPlaneLog()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Write);
    }

    private static void Write(LogEvent entry)
    {
        LogEventLevel level = entry switch
        {
            Error => LogEventLevel.Error,
            Warning => LogEventLevel.Warning,
            Info => LogEventLevel.Information,
            _ => LogEventLevel.Debug,
        };
        Serilog.Log.Logger.ForContext(SourceProperty, entry.LogSource).Write(level, entry.Cause, "{Message:l}", entry.Message?.ToString());
    }
}
