using System.Net;
using System.Net.Sockets;
using Lockstep.Chaos.Links;
using Lockstep.Transport.Connections;

namespace Lockstep.Chaos.Tests.Links;

/// <summary>A worker's end and a coordinator's end, over loopback, with a link between them.</summary>
internal sealed class Wire : IAsyncDisposable
{
    /// <summary>For one event on a busy machine.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly Socket _listener;
    private readonly List<Socket> _sockets = [];

    private Wire(Socket listener, FaultyLink link) => (_listener, Link) = (listener, link);

    public FaultyLink Link { get; }

    public Socket Worker { get; private set; } = null!;

    public Socket Coordinator { get; private set; } = null!;

    public static async Task<Wire> OpenAsync()
    {
        Socket listener = NewListener();
        var wire = new Wire(listener, new FaultyLink(EndpointOf(listener), TimeProvider.System));
        (wire.Worker, wire.Coordinator) = await wire.ConnectAsync();
        return wire;
    }

    public static Socket NewListener()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    public static DataEndpoint EndpointOf(Socket listener) => DataEndpoint.Tcp("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port);

    /// <summary>Another connection through the link.</summary>
    public async Task<(Socket Worker, Socket Coordinator)> ConnectAsync(Socket? listener = null)
    {
        var worker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(worker);
        await worker.ConnectAsync(IPAddress.Loopback, Link.Endpoint.Port);
        Socket coordinator = await (listener ?? _listener).AcceptAsync().WaitAsync(Bound);
        _sockets.Add(coordinator);
        return (worker, coordinator);
    }

    /// <summary>Receives so many bytes, or fewer where the other end closes or breaks the connection.</summary>
    public static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        int at = 0;
        try
        {
            for (int read; at < count && (read = await socket.ReceiveAsync(bytes.AsMemory(at)).AsTask().WaitAsync(Bound)) > 0;)
                at += read;
        }
        catch (SocketException)
        {
            // Broken: what came before counts.
        }
        return bytes[..at];
    }

    public static byte[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];

    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync();
        foreach (Socket socket in _sockets)
            socket.Dispose();
        _listener.Dispose();
    }
}
