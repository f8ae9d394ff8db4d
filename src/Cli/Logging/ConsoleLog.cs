using Serilog;
using Serilog.Core;

namespace Lockstep.Cli.Logging;

/// <summary>The log of a worker: short lines from information up, for the person or the launcher that reads them.</summary>
internal sealed class ConsoleLog : IDisposable
{
    private readonly Logger _logger;

    public ConsoleLog(TextWriter writer)
    {
        _logger = new LoggerConfiguration().MinimumLevel.Information().WriteTo.Sink(new WriterSink(writer)).CreateLogger();
        Log.Logger = _logger;
    }

    public ILogger Logger => _logger;

    public void Dispose() => _logger.Dispose();
}
