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
internal sealed class SocketCarrier(Socket socket) : IDisposable
{
    /// <summary>A reader wakes so often in each silence limit to see whether it has passed.</summary>
    private const int LooksPerSilence = 6;

    /// <summary>Sets buffers and time limits; to be done before the first call.</summary>
    public void Configure(ConnectionOptions options)
    {
        try
        {
            if (socket.AddressFamily != AddressFamily.Unix)
                socket.NoDelay = true;
            socket.SendBufferSize = options.SocketBuffer;
            socket.ReceiveBufferSize = options.SocketBuffer;
            socket.SendTimeout = Milliseconds(options.SendTimeout);
            socket.ReceiveTimeout = Milliseconds(options.SilenceLimit / LooksPerSilence);
        }
        catch (SocketException)
        {
            // Some systems refuse options once the peer is gone; the reader is about to find that out and to report it.
        }
    }

    /// <summary>Receives at least one byte, at most all that fit.</summary>
    public CarrierStatus Receive(Span<byte> destination, out int count)
    {
        count = socket.Receive(destination, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => count > 0 ? CarrierStatus.Done : CarrierStatus.Ended,
            SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted => CarrierStatus.TimedOut,
            _ => CarrierStatus.Broken,
        };
    }

    /// <summary>Sends all; times out only when the peer takes nothing at all.</summary>
    public CarrierStatus Send(ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            int count = socket.Send(source, SocketFlags.None, out SocketError error);
            source = source[count..];
            if (error is SocketError.Success or SocketError.Interrupted || count > 0)
                continue;
            return error is SocketError.TimedOut or SocketError.WouldBlock ? CarrierStatus.TimedOut : CarrierStatus.Broken;
        }
        return CarrierStatus.Done;
    }

    /// <summary>No more will be sent; what is on its way arrives.</summary>
    public void EndSending() => Shutdown(SocketShutdown.Send);

    /// <summary>Wakes both threads out of their calls. The socket itself lives until they have ended.</summary>
    public void Abort() => Shutdown(SocketShutdown.Both);

    public void Dispose() => socket.Dispose();

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
