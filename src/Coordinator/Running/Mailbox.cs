namespace Lockstep.Coordinator.Running;

/// <summary>What one thread has to do, in the order in which it came. Who posts sees to it that not too much waits.</summary>
/// <typeparam name="TItem">One thing to do.</typeparam>
internal sealed class Mailbox<TItem>
{
    private readonly object _gate = new();
    private readonly Queue<TItem> _items = [];
    private bool _closed;

    /// <summary>Adds an item; false once the box is closed, when the item stays the caller's.</summary>
    public bool Post(TItem item)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _items.Enqueue(item);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Waits for the next item; false once the box is closed and empty.</summary>
    public bool Take(out TItem item)
    {
        lock (_gate)
        {
            while (_items.Count == 0 && !_closed)
                Monitor.Wait(_gate);
            return _items.TryDequeue(out item!);
        }
    }

    /// <summary>Takes no more; what is in the box is still handed out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
