using System.Net;
using System.Net.Sockets;
using Lockstep.Transport.Connections;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>
/// Stands between one worker and the coordinator's data plane, counts what the worker sends, and can hold it or cut it off
/// after exactly so many bytes: in the middle of a gradient, of a header, of the handshake.
/// </summary>
public sealed class WorkerGate : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;
    private volatile UpstreamHold? _hold;
    private volatile DataEndpoint _coordinator;
    private long _upstream;

    /// <param name="coordinator">Where the coordinator's data plane listens on this machine.</param>
    /// <param name="path">The path of its own socket where that is a Unix domain socket.</param>
    public WorkerGate(DataEndpoint coordinator, string path)
    {
        _coordinator = coordinator;
        _listener = NewSocket(coordinator);
        _listener.Bind(coordinator.IsUnix ? new UnixDomainSocketEndPoint(path) : new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = _listener.LocalEndPoint is IPEndPoint bound ? DataEndpoint.Tcp("127.0.0.1", bound.Port) : DataEndpoint.Unix(path);
        _accepting = AcceptAsync();
    }

    /// <summary>Where the worker joins.</summary>
    public DataEndpoint Endpoint { get; }

    /// <summary>Bytes that the worker has sent to the coordinator through all its connections.</summary>
    public long Upstream => Interlocked.Read(ref _upstream);

    /// <summary>Everything stands still after so many bytes in all.</summary>
    public UpstreamHold HoldAt(long bytes) => _hold = new UpstreamHold(bytes);

    /// <summary>A coordinator that was started anew listens elsewhere.</summary>
    public void PointTo(DataEndpoint coordinator) => _coordinator = coordinator;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _hold?.Cut();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_serving);
        _end.Dispose();
    }

    private static Socket NewSocket(DataEndpoint endpoint) => endpoint.IsUnix
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket worker = await _listener.AcceptAsync(_end.Token);
                _serving.Add(ServeAsync(worker));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The gate is taken down.
        }
    }

    private async Task ServeAsync(Socket worker)
    {
        DataEndpoint endpoint = _coordinator;
        using Socket coordinator = NewSocket(endpoint);
        using Socket kept = worker;
        if (!endpoint.IsUnix)
            worker.NoDelay = coordinator.NoDelay = true;
        try
        {
            await coordinator.ConnectAsync(endpoint.IsUnix ? new UnixDomainSocketEndPoint(endpoint.Path!) : new IPEndPoint(IPAddress.Loopback, endpoint.Port), _end.Token);
            Task down = DownAsync(coordinator, worker);
            if (!await UpAsync(worker, coordinator))
            {
                // A reset, as a network that breaks or a machine that dies makes it: no goodbye, nothing more delivered.
                worker.LingerState = coordinator.LingerState = new LingerOption(true, 0);
                worker.Dispose();
                coordinator.Dispose();
            }
            await down;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two ends has gone; the other learns it by the sockets' end.
        }
    }

    private async Task<bool> UpAsync(Socket worker, Socket coordinator)
    {
        byte[] buffer = new byte[64 * 1024];
        while (await worker.ReceiveAsync(buffer, _end.Token) is > 0 and int received)
        {
            int at = 0;
            while (at < received)
            {
                int count = received - at;
                if (_hold is { } hold)
                {
                    count = (int)Math.Min(count, hold.At - Upstream);
                    if (count <= 0)
                    {
                        hold.Reach();
                        bool goesOn = await hold.Fate;
                        Interlocked.CompareExchange(ref _hold, null, hold);
                        if (!goesOn)
                            return false;
                        continue;
                    }
                }
                await coordinator.SendAsync(buffer.AsMemory(at, count), _end.Token);
                at += count;
                Interlocked.Add(ref _upstream, count);
            }
        }
        coordinator.Shutdown(SocketShutdown.Send);
        return true;
    }

    private async Task DownAsync(Socket coordinator, Socket worker)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await coordinator.ReceiveAsync(buffer, _end.Token) is > 0 and int received)
                await worker.SendAsync(buffer.AsMemory(0, received), _end.Token);
            worker.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            worker.Dispose();
            coordinator.Dispose();
        }
    }
}
