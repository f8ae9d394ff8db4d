using System.Net;
using System.Net.Sockets;
using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Tests.Security;

/// <summary>Passes one connection on and keeps all that it sees.</summary>
internal sealed class Tap : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly MemoryStream _seen = new();
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private Socket? _client;

    public Tap()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
    }

    public DataEndpoint Endpoint => DataEndpoint.Tcp("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);

    public byte[] Seen
    {
        get
        {
            lock (_seen)
                return _seen.ToArray();
        }
    }

    public void PointTo(int port) => new Thread(() =>
    {
        _client = _listener.Accept();
        _server.Connect(IPAddress.Loopback, port);
        new Thread(() => Pass(_server, _client)) { IsBackground = true }.Start();
        Pass(_client, _server);
    })
    { IsBackground = true }.Start();

    public void Dispose()
    {
        _listener.Dispose();
        _client?.Dispose();
        _server.Dispose();
    }

    private void Pass(Socket from, Socket to)
    {
        byte[] buffer = new byte[8192];
        try
        {
            for (int count; (count = from.Receive(buffer)) > 0;)
            {
                lock (_seen)
                    _seen.Write(buffer, 0, count);
                to.Send(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
