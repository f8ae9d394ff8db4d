namespace Lockstep.Chaos.Links;

/// <summary>What one direction of a link does to the bytes that go through it at present. For several threads.</summary>
public sealed class LinkWeather
{
    private readonly Lock _gate = new();
    private readonly List<Stroke> _strokes = [];
    private TaskCompletionSource? _closed;
    private int _partitions;
    private readonly List<TimeSpan> _delays = [];
    private readonly List<int> _rates = [];

    /// <summary>What happens once, at one byte.</summary>
    public enum StrokeKind
    {
        Cut = 0,
        Duplicate = 1,
        Flip = 2,
    }

    /// <summary>Bytes are held back until the returned handle is disposed of.</summary>
    public IDisposable Hold()
    {
        lock (_gate)
        {
            if (_partitions++ == 0)
                _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        return new End(() =>
        {
            lock (_gate)
            {
                if (--_partitions > 0)
                    return;
                _closed!.TrySetResult();
                _closed = null;
            }
        });
    }

    /// <summary>Every piece of bytes is held back for a while, one after another, until the handle is disposed of.</summary>
    public IDisposable Delay(TimeSpan time) => Add(_delays, time);

    /// <summary>At most so many bytes a second go through, until the handle is disposed of.</summary>
    public IDisposable Throttle(int bytesPerSecond) => Add(_rates, bytesPerSecond);

    /// <summary>Something happens once, after so many bytes more.</summary>
    /// <param name="kind">What.</param>
    /// <param name="afterBytes">Bytes that go through before.</param>
    /// <param name="bit">Of a flip: which bit of the byte.</param>
    /// <returns>Comes when it has happened.</returns>
    public Task Strike(StrokeKind kind, long afterBytes, int bit = 0)
    {
        var stroke = new Stroke(kind, bit) { Left = afterBytes };
        lock (_gate)
            _strokes.Add(stroke);
        return stroke.Happened.Task;
    }

    /// <summary>Comes when bytes may go on.</summary>
    internal Task OpenAsync(CancellationToken end)
    {
        lock (_gate)
            return _closed is { } closed ? closed.Task.WaitAsync(end) : Task.CompletedTask;
    }

    /// <summary>How long a piece of so many bytes takes beyond its way.</summary>
    internal TimeSpan TimeOf(int bytes)
    {
        lock (_gate)
        {
            var time = TimeSpan.Zero;
            foreach (TimeSpan delay in _delays)
                time += delay;
            foreach (int rate in _rates)
                time += TimeSpan.FromSeconds((double)bytes / rate);
            return time;
        }
    }

    /// <summary>How many bytes may go at once, so that a slow link carries many small pieces and no large one late.</summary>
    internal int PieceOf(int most)
    {
        const int PiecesPerSecond = 20;
        lock (_gate)
            return _rates.Aggregate(most, (piece, rate) => Math.Min(piece, Math.Max(1, rate / PiecesPerSecond)));
    }

    /// <summary>Takes the first thing that happens within the next so many bytes; counts the bytes before it.</summary>
    /// <param name="bytes">Bytes that are at hand, 1 or more.</param>
    /// <returns>Bytes that go through untouched, and then what happens to the next one; null where nothing does.</returns>
    internal (int Untouched, Stroke? Stroke) Take(int bytes)
    {
        lock (_gate)
        {
            Stroke? next = _strokes.Where(stroke => stroke.Left < bytes).MinBy(stroke => stroke.Left);
            int untouched = next is null ? bytes : (int)next.Left;
            foreach (Stroke stroke in _strokes)
                stroke.Left -= untouched;
            if (next is not null)
                _strokes.Remove(next);
            return (untouched, next);
        }
    }

    private End Add<T>(List<T> list, T value)
    {
        lock (_gate)
            list.Add(value);
        return new End(() =>
        {
            lock (_gate)
                list.Remove(value);
        });
    }

    internal sealed record Stroke(StrokeKind Kind, int Bit)
    {
        public long Left { get; set; }

        public TaskCompletionSource Happened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class End(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
