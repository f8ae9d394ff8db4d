namespace Lockstep.Transport.Connections;

/// <summary>
/// Who may send how many data frames. Each side starts with nothing, is granted the other's window once, and then gets
/// back what the other's owner returns. Not thread-safe: its connection holds a lock around it.
/// </summary>
public sealed class CreditLedger(int window)
{
    private readonly int _grantBelow = window / 2;

    /// <summary>More than this at once is an error of the peer, whatever it grants.</summary>
    public const int MaximumWindow = 1 << 20;

    /// <summary>Data frames that this side may still send.</summary>
    public int Sendable { get; private set; }

    /// <summary>Data frames that the peer may still send, counting only grants that have gone out.</summary>
    public int Granted { get; private set; }

    /// <summary>Frames received whose credit the owner has not returned.</summary>
    public int Held { get; private set; }

    /// <summary>Credit that waits to be sent; the whole window at first.</summary>
    public int Pending { get; private set; } = window;

    /// <summary>
    /// Whether the pending credit should go out now. Waiting until half the window is used up saves a small frame for each
    /// large one; a peer that has run dry is never kept waiting, since then <see cref="Granted"/> is 0.
    /// </summary>
    public bool IsGrantDue => Pending > 0 && Granted <= _grantBelow;

    public int TakePending()
    {
        int count = Pending;
        Granted += count;
        Pending = 0;
        return count;
    }

    /// <summary>A data frame came; false if the peer had no credit for it.</summary>
    public bool TryReceive()
    {
        if (Granted == 0)
            return false;
        Granted--;
        Held++;
        return true;
    }

    /// <exception cref="InvalidOperationException">More is returned than was received.</exception>
    public void Return(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > Held)
            throw new InvalidOperationException(
                $"Credit for {count} frames was returned, but only {Held} are held: return the credit of each received frame once.");
        Held -= count;
        Pending += count;
    }

    /// <summary>The peer granted more; false if that is more than any window can be.</summary>
    public bool TryGain(ulong count)
    {
        if (count is 0 or > MaximumWindow || Sendable + (int)count > MaximumWindow)
            return false;
        Sendable += (int)count;
        return true;
    }

    public void Spend() => Sendable--;
}
