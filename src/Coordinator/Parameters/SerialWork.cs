namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// Things to do one after another, in the order in which they came. A thread of its own does them, or, where that is short work, whoever brings one: then no
/// thread has to be woken for it, which costs more than the work where cores are short. At no time do two threads do something.
/// </summary>
/// <typeparam name="TItem">One thing to do.</typeparam>
internal sealed class SerialWork<TItem> : IDisposable
{
    // Whoever brings something does no more than so much of what others bring meanwhile; he has work of his own.
    private const int MostForOthers = 64;

    private readonly object _gate = new();
    private readonly Queue<TItem> _items = [];
    private readonly Action<TItem> _execute;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private bool _started;
    private bool _busy;
    private bool _closed;

    /// <param name="name">The thread's name.</param>
    /// <param name="execute">Does one thing.</param>
    /// <param name="failed">Told once, when that threw; nothing is taken or done after it.</param>
    public SerialWork(string name, Action<TItem> execute, Action<Exception> failed)
    {
        (_execute, _failed) = (execute, failed);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    /// <summary>Begins with what has come so far.</summary>
    public void Start()
    {
        lock (_gate)
            _started = true;
        _thread.Start();
    }

    /// <summary>Adds an item; false once no more is taken, when it stays the caller's.</summary>
    /// <param name="item">The item.</param>
    /// <param name="here">Whether it may be done on the calling thread, before this returns, if nothing else is being done.</param>
    public bool Post(TItem item, bool here)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _items.Enqueue(item);
            // Who is at it takes this too.
            if (_busy || !_started)
                return true;
            if (!here)
            {
                Monitor.Pulse(_gate);
                return true;
            }
            _busy = true;
        }
        Work(MostForOthers);
        return true;
    }

    /// <summary>Takes no more, and waits until what has come is done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
            if (!_started)
                return;
        }
        _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_busy || (_items.Count == 0 && !_closed))
                    Monitor.Wait(_gate);
                if (_items.Count == 0)
                    return;
                _busy = true;
            }
            Work(int.MaxValue);
        }
    }

    private void Work(int most)
    {
        try
        {
            for (int done = 0; TryTake(done < most, out TItem item); done++)
                _execute(item);
        }
        catch (Exception fault)
        {
            lock (_gate)
            {
                _closed = true;
                _items.Clear();
                Leave();
            }
            _failed(fault);
        }
    }

    private bool TryTake(bool goesOn, out TItem item)
    {
        lock (_gate)
        {
            item = default!;
            if (goesOn && _items.TryDequeue(out item!))
                return true;
            Leave();
            return false;
        }
    }

    // The thread goes on with the rest, or ends.
    private void Leave()
    {
        _busy = false;
        if (_items.Count > 0 || _closed)
            Monitor.Pulse(_gate);
    }
}
