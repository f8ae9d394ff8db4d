using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Lockstep.Cli.Logging;

/// <summary>A log file whose folder is known only later: keeps what comes before, in bounds, and writes it first.</summary>
internal sealed class DeferredFileSink : ILogEventSink, IDisposable
{
    public const int Capacity = 2_000;

    private readonly Lock gate = new();
    private readonly Queue<LogEvent> early = new();
    private Logger? file;
    private bool closed;

    /// <summary>The file's path; null before <see cref="Open"/>.</summary>
    public string? Path { get; private set; }

    /// <summary>Opens the file, in which every event is a line of compact JSON; an existing one is continued. Later calls change nothing.</summary>
    public void Open(string path)
    {
        lock (gate)
        {
            if (file is not null || closed)
                return;
            file = new LoggerConfiguration()
                .MinimumLevel.Verbose()
                .WriteTo.File(new CompactJsonFormatter(), path, fileSizeLimitBytes: null)
                .CreateLogger();
            Path = path;
            while (early.TryDequeue(out LogEvent? logEvent))
                file.Write(logEvent);
        }
    }

    public void Emit(LogEvent logEvent)
    {
        lock (gate)
        {
            if (file is not null)
            {
                file.Write(logEvent);
                return;
            }

            if (closed)
                return;
            early.Enqueue(logEvent);
            if (early.Count > Capacity)
                early.Dequeue();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            file?.Dispose();
            file = null;
        }
    }
}
