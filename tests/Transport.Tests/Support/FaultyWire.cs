using System.Net;
using System.Net.Sockets;
using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Tests.Support;

/// <summary>
/// Passes one connection on to a server, until a byte of the given direction is reached: there it cuts the connection, or
/// flips a bit and goes on.
/// </summary>
internal sealed class FaultyWire : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _sockets = [];
    private readonly List<Thread> _threads = [];
    private readonly int _serverPort;
    private readonly long _at;
    private readonly bool _upstream;
    private readonly byte? _flip;

    /// <param name="server">Where to pass bytes on to.</param>
    /// <param name="at">The byte of the fault, counted from 0.</param>
    /// <param name="upstream">Whether bytes from the client are meant.</param>
    /// <param name="flip">What the byte is combined with by exclusive or; null cuts the connection instead.</param>
    public FaultyWire(DataEndpoint server, long at, bool upstream, byte? flip = null)
    {
        (_serverPort, _at, _upstream, _flip) = (server.Port, at, upstream, flip);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        Endpoint = DataEndpoint.Tcp("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);
        Start(Accept);
    }

    public DataEndpoint Endpoint { get; }

    public void Dispose()
    {
        _listener.Dispose();
        Thread[] threads;
        lock (_sockets)
        {
            Cut();
            threads = [.. _threads];
        }
        foreach (Thread thread in threads)
            thread.Join();
    }

    private void Start(Action work)
    {
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Cut();
            }
        })
        { IsBackground = true };
        lock (_sockets)
            _threads.Add(thread);
        thread.Start();
    }

    private void Accept()
    {
        Socket client = _listener.Accept();
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        lock (_sockets)
            _sockets.AddRange([client, server]);
        client.NoDelay = server.NoDelay = true;
        server.Connect(IPAddress.Loopback, _serverPort);
        Start(() => Pass(client, server, _upstream));
        Start(() => Pass(server, client, !_upstream));
    }

    private void Pass(Socket from, Socket to, bool faulty)
    {
        byte[] buffer = new byte[64 * 1024];
        long passed = 0;
        while (true)
        {
            int count = from.Receive(buffer);
            if (count == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }
            bool here = faulty && _at >= passed && _at < passed + count;
            int index = (int)(_at - passed);
            if (here && _flip is { } mask)
                buffer[index] ^= mask;
            int whole = here && _flip is null ? index : count;
            to.Send(buffer.AsSpan(0, whole));
            if (whole < count)
            {
                Cut();
                return;
            }
            passed += count;
        }
    }

    private void Cut()
    {
        lock (_sockets)
        {
            foreach (Socket socket in _sockets)
                socket.Dispose();
        }
    }
}
