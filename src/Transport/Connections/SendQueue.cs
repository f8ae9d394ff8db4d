namespace Lockstep.Transport.Connections;

/// <summary>A bounded queue in a ring that grows as it is needed, from which old frames can be taken out of the middle. Not thread-safe.</summary>
internal sealed class SendQueue(int capacity)
{
    private const int Begin = 64;

    private OutgoingFrame[] _ring = new OutgoingFrame[Math.Min(capacity, Begin)];
    private int _head;

    public int Count { get; private set; }

    public bool IsFull => Count == capacity;

    /// <summary>The frame that <see cref="Dequeue"/> would take; the queue must not be empty.</summary>
    public ref readonly OutgoingFrame First => ref At(0);

    public void Enqueue(in OutgoingFrame frame)
    {
        if (IsFull)
            throw new InvalidOperationException("The queue is full.");
        if (Count == _ring.Length)
            Grow();
        At(Count) = frame;
        Count++;
    }

    public OutgoingFrame Dequeue()
    {
        if (Count == 0)
            throw new InvalidOperationException("The queue is empty.");
        OutgoingFrame frame = _ring[_head];
        _ring[_head] = default;
        _head = (_head + 1) % _ring.Length;
        Count--;
        return frame;
    }

    /// <summary>Takes out the first frame of an epoch below the given one; the others keep their order.</summary>
    public bool TryRemoveOlder(ulong than, out OutgoingFrame frame)
    {
        for (int i = 0; i < Count; i++)
        {
            if (At(i).Epoch >= than)
                continue;
            frame = At(i);
            // What comes before it moves up: the oldest frames are near the head, so little moves.
            for (int j = i; j > 0; j--)
                At(j) = At(j - 1);
            Dequeue();
            return true;
        }
        frame = default;
        return false;
    }

    public bool HasOlder(ulong than)
    {
        for (int i = 0; i < Count; i++)
        {
            if (At(i).Epoch < than)
                return true;
        }
        return false;
    }

    private void Grow()
    {
        var larger = new OutgoingFrame[(int)Math.Min(capacity, 2L * _ring.Length)];
        for (int i = 0; i < Count; i++)
            larger[i] = At(i);
        (_ring, _head) = (larger, 0);
    }

    private ref OutgoingFrame At(int index) => ref _ring[(_head + index) % _ring.Length];
}
