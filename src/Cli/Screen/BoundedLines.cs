using System.Globalization;
using System.Threading.Channels;

namespace Lockstep.Cli.Screen;

/// <summary>Lines on their way to a writer that may be slow: adding one never waits, and no more than a fixed number waits to be written.</summary>
internal sealed class BoundedLines : IAsyncDisposable
{
    public const int Capacity = 1024;

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TextWriter _writer;
    private readonly Task _writing;
    private long _dropped;

    public BoundedLines(TextWriter writer)
    {
        _writer = writer;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Hands a line over; where the writer is too far behind, the line is counted instead.</summary>
    public void Add(string line)
    {
        if (!_lines.Writer.TryWrite(line))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (string line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await _writer.WriteLineAsync(line).ConfigureAwait(false);
                if (!_lines.Reader.TryPeek(out _))
                    await _writer.FlushAsync().ConfigureAwait(false);
                long missing = Interlocked.Exchange(ref _dropped, 0);
                if (missing > 0)
                    await _writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"({missing} lines left out: the output is read too slowly)")).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // The reader of our output has gone (a closed pipe): training goes on without it.
            _lines.Writer.TryComplete();
        }
    }
}
