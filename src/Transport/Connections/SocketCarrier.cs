using System.Net.Sockets;

namespace Lockstep.Transport.Connections;

internal enum CarrierStatus
{
    Done,

    /// <summary>No byte moved within the time that the socket waits.</summary>
    TimedOut,

    /// <summary>The stream ended: the peer sends no more.</summary>
    Ended,

    /// <summary>The stream broke.</summary>
    Broken,
}

/// <summary>
/// Blocking calls on one socket. The socket must never see an asynchronous call: on Unix that would turn it to
/// non-blocking for good, and every later call would take the slow way round over the event loop.
/// </summary>
/// <param name="socket">A connected socket, from here on this one's to close.</param>
/// <param name="deadline">For all calls until <see cref="Configure"/>; null for no limit.</param>
internal class SocketCarrier(Socket socket, Deadline? deadline = null) : IDisposable
{
    /// <summary>A reader wakes so often in each silence limit to see whether it has passed.</summary>
    private const int LooksPerSilence = 6;

    // A socket counts in microseconds.
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMinutes(30);

    private Deadline? _deadline = deadline;

    // Linux wakes a read that waits on a Unix socket, for nothing, whenever the peer has taken what was sent to it; it does not wake a poll.
    private readonly bool _polls = OperatingSystem.IsLinux() && socket.AddressFamily == AddressFamily.Unix;
    private TimeSpan _patience = Timeout.InfiniteTimeSpan;

    /// <summary>The socket, for its addresses and to end its calls.</summary>
    public Socket Socket => socket;

    /// <summary>What became of the last call that failed, for messages.</summary>
    public SocketError LastError { get; private set; }

    /// <summary>What went wrong inside the encryption, where it did and the connection lived.</summary>
    public virtual string? EncryptionFault => null;

    /// <summary>What names these two ends and no others; empty where nothing does.</summary>
    public virtual ReadOnlySpan<byte> Binding => [];

    /// <summary>Sets buffers and the time limits of an open connection; to be done before its first call.</summary>
    public virtual void Configure(ConnectionOptions options)
    {
        _deadline = null;
        try
        {
            bool isUnix = socket.AddressFamily == AddressFamily.Unix;
            if (isUnix || HostLocalTcp.IsWithinHost(socket))
                socket.SendBufferSize = options.LocalSocketBuffer;
            if (isUnix)
                socket.ReceiveBufferSize = options.LocalSocketBuffer;
            else
                socket.NoDelay = true;
            socket.SendTimeout = Milliseconds(options.SendTimeout);
            _patience = options.SilenceLimit / LooksPerSilence;
            socket.ReceiveTimeout = Milliseconds(_patience);
            HostLocalTcp.Settle(socket);
        }
        catch (SocketException)
        {
            // Some systems refuse options once the peer is gone; the reader is about to find that out and to report it.
        }
    }

    /// <summary>Whether a few kilobytes can be sent without waiting for the peer to take what was sent before.</summary>
    public bool HasRoom
    {
        get
        {
            try
            {
                return socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite);
            }
            catch (SocketException)
            {
                // Sending says what is wrong with it.
                return true;
            }
        }
    }

    /// <summary>
    /// Whether a wait that found nothing says anything of the peer. One that took much longer than it should have does not: this process was stopped, and what the
    /// peer said meanwhile is looked for once more.
    /// </summary>
    public virtual bool SpeaksOfPeer(TimeSpan waited) => waited < 2 * _patience;

    /// <summary>Receives at least one byte, at most all that fit.</summary>
    public virtual CarrierStatus Receive(Span<byte> destination, out int count) => ReceiveBytes(destination, SocketFlags.None, out count);

    /// <summary>The first byte that comes, which stays to be received.</summary>
    public CarrierStatus Peek(out byte first)
    {
        Span<byte> one = stackalloc byte[1];
        CarrierStatus status = ReceiveBytes(one, SocketFlags.Peek, out _);
        first = one[0];
        return status;
    }

    /// <summary>Sends all; times out only when the peer takes nothing at all.</summary>
    public virtual CarrierStatus Send(ReadOnlySpan<byte> source) => SendBytes(source);

    /// <summary>No more will be sent; what is on its way arrives.</summary>
    public void EndSending() => Shutdown(SocketShutdown.Send);

    /// <summary>Wakes both threads out of their calls. The socket itself lives until they have ended.</summary>
    public void Abort() => Shutdown(SocketShutdown.Both);

    public virtual void Dispose() => socket.Dispose();

    protected CarrierStatus ReceiveBytes(Span<byte> destination, SocketFlags flags, out int count)
    {
        count = 0;
        if (_deadline is { } bound)
        {
            int left = bound.RemainingMilliseconds;
            if (left == 0)
                return CarrierStatus.TimedOut;
            _patience = TimeSpan.FromMilliseconds(left);
            socket.ReceiveTimeout = left;
        }
        if (_polls && !HasCome())
            return CarrierStatus.TimedOut;
        count = socket.Receive(destination, flags, out SocketError error);
        return error switch
        {
            SocketError.Success => count > 0 ? CarrierStatus.Done : CarrierStatus.Ended,
            SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted => CarrierStatus.TimedOut,
            _ => Broken(error),
        };
    }

    protected CarrierStatus SendBytes(ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            if (_deadline is { } bound)
            {
                int left = bound.RemainingMilliseconds;
                if (left == 0)
                    return CarrierStatus.TimedOut;
                socket.SendTimeout = left;
            }
            int count = socket.Send(source, SocketFlags.None, out SocketError error);
            source = source[count..];
            if (error is SocketError.Success or SocketError.Interrupted || count > 0)
                continue;
            return error is SocketError.TimedOut or SocketError.WouldBlock ? CarrierStatus.TimedOut : Broken(error);
        }
        return CarrierStatus.Done;
    }

    private bool HasCome()
    {
        try
        {
            return socket.Poll(_patience < LongestPoll ? _patience : LongestPoll, SelectMode.SelectRead);
        }
        catch (SocketException)
        {
            // Receiving says what is wrong with it.
            return true;
        }
    }

    private CarrierStatus Broken(SocketError error)
    {
        LastError = error;
        return CarrierStatus.Broken;
    }

    private void Shutdown(SocketShutdown how)
    {
        try
        {
            socket.Shutdown(how);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A peer's reset came first, or both threads have ended already: either way nobody waits to be woken.
        }
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Clamp(time.TotalMilliseconds, 1, int.MaxValue);
}
