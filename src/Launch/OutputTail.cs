using System.Globalization;
using System.Text;

namespace Lockstep.Launch;

/// <summary>Reads what a process writes: every line goes on, in bounds; the last ones are kept for a diagnosis.</summary>
/// <remarks>
/// A process that writes without end must neither stop on a full pipe, nor fill the log, nor the memory: lines are cut at
/// <see cref="LongestLine"/> characters, and after <see cref="MostLines"/> only the tail is kept.
/// </remarks>
public sealed class OutputTail
{
    public const int LongestLine = 2_000;
    public const int MostLines = 10_000;
    public const int KeptLines = 40;

    private readonly Lock _gate = new();
    private readonly Queue<string> _kept = new();
    private readonly Action<string> _forward;
    private int _lines;

    /// <param name="forward">Told every line, the first <see cref="MostLines"/> of them; from any thread, one at a time.</param>
    public OutputTail(Action<string> forward) => _forward = forward;

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _kept];
        }
    }

    /// <summary>Reads to the end of the stream; a stream that breaks off ends too.</summary>
    public async Task ReadAsync(TextReader reader)
    {
        char[] buffer = new char[4096];
        var line = new StringBuilder();
        bool cut = false;
        try
        {
            for (int read; (read = await reader.ReadAsync(buffer.AsMemory()).ConfigureAwait(false)) > 0;)
            {
                foreach (char c in buffer.AsSpan(0, read))
                {
                    if (c == '\n')
                        Take(line, ref cut);
                    else if (line.Length < LongestLine)
                        line.Append(c);
                    else
                        cut = true;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            line.Append(" [output broke off: ").Append(e.Message).Append(']');
        }

        if (line.Length > 0)
            Take(line, ref cut);
    }

    private void Take(StringBuilder builder, ref bool cut)
    {
        string line = builder.ToString().TrimEnd('\r');
        if (cut)
            line += " […]";
        builder.Clear();
        cut = false;
        if (line.Length == 0)
            return;
        lock (_gate)
        {
            _kept.Enqueue(line);
            while (_kept.Count > KeptLines)
                _kept.Dequeue();
            _lines++;
            if (_lines <= MostLines)
                _forward(line);
            else if (_lines == MostLines + 1)
                _forward(string.Create(CultureInfo.InvariantCulture, $"more than {MostLines} lines: the rest is left out"));
        }
    }
}
