using Lockstep.Coordinator.Running;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Lockstep.Cli.Logging;

/// <summary>The log of a run: <c>log.clef</c> in its folder, as soon as the run says where that is.</summary>
internal sealed class RunLog : IRunObserver, IDisposable
{
    public const string FileName = "log.clef";

    private readonly DeferredFileSink _file = new();
    private readonly Logger _logger;

    /// <param name="console">Where warnings go too; null where the live screen owns the terminal.</param>
    public RunLog(TextWriter? console)
    {
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(_file);
        if (console is not null)
            configuration = configuration.WriteTo.Sink(new WriterSink(console), LogEventLevel.Warning);
        _logger = configuration.CreateLogger();
        Log.Logger = _logger;
    }

    public ILogger Logger => _logger;

    /// <summary>The file's path, once there is one.</summary>
    public string? Path => _file.Path;

    public void Observe(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case RunStarted run:
                _file.Open(System.IO.Path.Combine(run.RunDirectory, FileName));
                _logger.Information("Run {Name} started: {@Run}", run.Name, run);
                break;
            case StandingBy standing:
                _file.Open(System.IO.Path.Combine(standing.RunDirectory, FileName));
                _logger.Information("Standing by: {@Standing}", standing);
                break;
            case RunEnded end:
                _logger.Information("Run ended: {@End}", end);
                break;
        }
    }

    public void Dispose() => _logger.Dispose();
}
