using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Lockstep.Cli.Logging;

/// <summary>A log file whose folder is known only later: keeps what comes before, in bounds, and writes it first.</summary>
internal sealed class DeferredFileSink : ILogEventSink, IDisposable
{
    public const int Capacity = 2_000;

    private readonly Lock _gate = new();
    private readonly Queue<LogEvent> _early = new();
    private Logger? _file;
    private bool _closed;

    /// <summary>The file's path; null before <see cref="Open"/>.</summary>
    public string? Path { get; private set; }

    /// <summary>Opens the file, in which every event is a line of compact JSON; an existing one is continued. Later calls change nothing.</summary>
    public void Open(string path)
    {
        lock (_gate)
        {
            if (_file is not null || _closed)
                return;
            _file = new LoggerConfiguration()
                .MinimumLevel.Verbose()
                .WriteTo.File(new CompactJsonFormatter(), path, fileSizeLimitBytes: null)
                .CreateLogger();
            Path = path;
            while (_early.TryDequeue(out LogEvent? logEvent))
                _file.Write(logEvent);
        }
    }

    public void Emit(LogEvent logEvent)
    {
        lock (_gate)
        {
            if (_file is not null)
            {
                _file.Write(logEvent);
                return;
            }

            if (_closed)
                return;
            _early.Enqueue(logEvent);
            if (_early.Count > Capacity)
                _early.Dequeue();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            try
            {
                _file?.Dispose();
            }
            catch (IOException)
            {
                // The disk has no room for the last lines of the log; the run's end is told elsewhere, and is not changed by that.
            }

            _file = null;
        }
    }
}
