using System.Globalization;
using System.Threading.Channels;

namespace Lockstep.Cli.Screen;

/// <summary>Lines on their way to a writer that may be slow: adding one never waits, and no more than a fixed number waits to be written.</summary>
internal sealed class BoundedLines : IAsyncDisposable
{
    public const int Capacity = 1024;

    private readonly Channel<string> lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TextWriter writer;
    private readonly Task writing;
    private long dropped;

    public BoundedLines(TextWriter writer)
    {
        this.writer = writer;
        writing = Task.Run(WriteAsync);
    }

    /// <summary>Hands a line over; where the writer is too far behind, the line is counted instead.</summary>
    public void Add(string line)
    {
        if (!lines.Writer.TryWrite(line))
            Interlocked.Increment(ref dropped);
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        lines.Writer.TryComplete();
        await writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (string line in lines.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await writer.WriteLineAsync(line).ConfigureAwait(false);
                if (!lines.Reader.TryPeek(out _))
                    await writer.FlushAsync().ConfigureAwait(false);
                long missing = Interlocked.Exchange(ref dropped, 0);
                if (missing > 0)
                    await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"({missing} lines left out: the output is read too slowly)")).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // The reader of our output has gone (a closed pipe): training goes on without it.
            lines.Writer.TryComplete();
        }
    }
}
