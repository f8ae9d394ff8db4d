using System.Net;
using System.Net.Sockets;
using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Joining;

/// <summary>
/// Listens at one endpoint, on a thread of its own. Each newcomer's handshake has a thread and a deadline; only so many
/// are under way at once, so strangers cost no more than that. Connections that came of it belong to their handlers'
/// owner, and outlive the listener.
/// </summary>
public sealed class DataListener : IDisposable
{
    private const int Backlog = 128;
    private const int StackBytes = 256 * 1024;
    private static readonly TimeSpan AcceptRetry = TimeSpan.FromMilliseconds(100);

    private readonly JoinOptions _options;
    private readonly IDoorkeeper _doorkeeper;
    private readonly Socket _socket;
    private readonly Thread _acceptor;
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Dictionary<Socket, Newcomer> _handshakes = [];

    /// <summary>Listens from here on.</summary>
    /// <param name="endpoint">Port 0 takes any free port.</param>
    /// <param name="options">Token, versions, limits.</param>
    /// <param name="doorkeeper">Decides who gets in.</param>
    /// <exception cref="ListenException">The endpoint is taken or not allowed; the message says what to do.</exception>
    public DataListener(DataEndpoint endpoint, JoinOptions options, IDoorkeeper doorkeeper)
    {
        ArgumentNullException.ThrowIfNull(doorkeeper);
        options.Validate();
        _options = options;
        _doorkeeper = doorkeeper;
        _socket = ListenerSocket.Open(endpoint, Backlog, options.Connection.TcpReceiveBuffer);
        Endpoint = _socket.LocalEndPoint is IPEndPoint bound ? endpoint.WithPort(bound.Port) : endpoint;
        _acceptor = new Thread(Accept, StackBytes) { IsBackground = true, Name = "data accept" };
        _acceptor.Start();
    }

    /// <summary>Where it listens, with the port that was chosen.</summary>
    public DataEndpoint Endpoint { get; }

    /// <summary>Who came so far.</summary>
    public ListenerCounters Counters { get; } = new();

    /// <summary>Stops listening, ends the handshakes under way and waits for their threads. Not called from a doorkeeper.</summary>
    public void Dispose()
    {
        if (_stopping.IsSet)
            return;
        _stopping.Set();
        _socket.Dispose();
        _acceptor.Join();
        Thread[] threads;
        lock (_handshakes)
        {
            threads = [.. _handshakes.Values.Select(static newcomer => newcomer.Thread)];
            foreach ((Socket socket, Newcomer newcomer) in _handshakes)
            {
                if (!newcomer.IsAdmitted)
                    Abort(socket);
            }
        }
        foreach (Thread thread in threads)
            thread.Join();
    }

    private void Accept()
    {
        while (!_stopping.IsSet)
        {
            Socket socket;
            try
            {
                socket = _socket.Accept();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (_stopping.IsSet)
                    return;
                // Out of handles, or a client that left in the queue: neither is a reason to stop listening.
                Counters.CountAcceptFailure();
                _stopping.Wait(AcceptRetry);
                continue;
            }
            Counters.CountAccepted();
            Begin(socket);
        }
    }

    private void Begin(Socket socket)
    {
        string remote = NameOf(socket);
        var thread = new Thread(() => Handshake(socket, remote), StackBytes) { IsBackground = true, Name = "data handshake" };
        lock (_handshakes)
        {
            if (_handshakes.Count < _options.MaximumHandshakes)
            {
                _handshakes.Add(socket, new Newcomer(thread));
                thread.Start();
                return;
            }
        }
        socket.Dispose();
        TurnAway(remote, new JoinException(JoinFault.Busy, $"{_options.MaximumHandshakes} handshakes were under way."));
    }

    private void Handshake(Socket socket, string remote)
    {
        bool admitted = false;
        try
        {
            ServerHandshake.Run(socket, remote, _options, _doorkeeper, () => Admitted(socket));
            admitted = true;
            Counters.CountAdmitted();
        }
        catch (JoinException e)
        {
            TurnAway(remote, e);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            TurnAway(remote, new JoinException(JoinFault.Broken, "The connection broke during the handshake.", inner: e));
        }
        finally
        {
            lock (_handshakes)
                _handshakes.Remove(socket);
            if (!admitted)
                socket.Dispose();
        }
    }

    /// <summary>From here on the connection is its handler's, though the welcome is still to be sent.</summary>
    private void Admitted(Socket socket)
    {
        lock (_handshakes)
            _handshakes[socket].IsAdmitted = true;
    }

    private void TurnAway(string remote, JoinException e)
    {
        Counters.Count(e.Fault, e.Refusal);
        _doorkeeper.TurnedAway(new TurnedAway(remote, e.Fault, e.Refusal, e.Message, e.InnerException));
    }

    private static void Abort(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It ended by itself just now.
        }
    }

    private string NameOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint is IPEndPoint address ? address.ToString() : $"a client of {Endpoint}";
        }
        catch (SocketException)
        {
            return "a client that left at once";
        }
    }

    private sealed class Newcomer(Thread thread)
    {
        public Thread Thread => thread;

        public bool IsAdmitted { get; set; }
    }
}
