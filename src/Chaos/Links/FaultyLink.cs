using System.Net;
using System.Net.Sockets;
using Lockstep.Transport.Connections;

namespace Lockstep.Chaos.Links;

/// <summary>
/// Stands between one worker and the coordinator's data plane, on loopback, and lets bytes through as its weather says. A partition
/// holds bytes, ends and new connections back, as a network does whose packets are lost: what TCP has taken arrives later, if both ends still wait for it.
/// </summary>
public sealed class FaultyLink : IAsyncDisposable
{
    private const int PieceBytes = 64 * 1024;

    private readonly Socket _listener;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;
    private volatile DataEndpoint _coordinator;

    /// <param name="coordinator">Where the coordinator's data plane listens on this machine.</param>
    /// <param name="time">For delays.</param>
    public FaultyLink(DataEndpoint coordinator, TimeProvider time)
    {
        (_coordinator, _time) = (coordinator, time);
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = DataEndpoint.Tcp("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);
        _accepting = AcceptAsync();
    }

    /// <summary>Where the worker joins.</summary>
    public DataEndpoint Endpoint { get; }

    /// <summary>What happens to the bytes from the worker.</summary>
    public LinkWeather ToCoordinator { get; } = new();

    /// <summary>What happens to the bytes from the coordinator.</summary>
    public LinkWeather ToWorker { get; } = new();

    /// <summary>A coordinator that was started anew listens elsewhere.</summary>
    public void PointTo(DataEndpoint coordinator) => _coordinator = coordinator;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        Task[] serving;
        lock (_gate)
            serving = [.. _serving];
        await Task.WhenAll(serving).ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket worker = await _listener.AcceptAsync(_end.Token).ConfigureAwait(false);
                lock (_gate)
                {
                    _serving.RemoveAll(task => task.IsCompleted);
                    _serving.Add(ServeAsync(worker));
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The link is taken down.
        }
    }

    private async Task ServeAsync(Socket worker)
    {
        using Socket kept = worker;
        using var coordinator = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        worker.NoDelay = coordinator.NoDelay = true;
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        try
        {
            await Task.WhenAll(ToCoordinator.OpenAsync(_end.Token), ToWorker.OpenAsync(_end.Token)).ConfigureAwait(false);
            DataEndpoint endpoint = _coordinator;
            await coordinator.ConnectAsync(endpoint.Host!, endpoint.Port, _end.Token).ConfigureAwait(false);
            Task up = PumpAsync(worker, coordinator, ToCoordinator, broken);
            Task down = PumpAsync(coordinator, worker, ToWorker, broken);
            await Task.WhenAll(up, down).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // One of the two ends has gone; the other learns it by the sockets' end.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, LinkWeather weather, CancellationTokenSource broken)
    {
        byte[] buffer = new byte[PieceBytes];
        try
        {
            while (true)
            {
                int received = await from.ReceiveAsync(buffer.AsMemory(0, weather.PieceOf(buffer.Length)), broken.Token).ConfigureAwait(false);
                if (weather.TimeOf(received) is { Ticks: > 0 } late)
                    await Task.Delay(late, _time, broken.Token).ConfigureAwait(false);
                await weather.OpenAsync(broken.Token).ConfigureAwait(false);
                if (received == 0)
                    break;
                if (!await PassAsync(buffer.AsMemory(0, received), to, weather, broken.Token).ConfigureAwait(false))
                {
                    // A reset, as a network that breaks makes it: no goodbye, nothing more delivered.
                    from.LingerState = to.LingerState = new LingerOption(true, 0);
                    from.Dispose();
                    to.Dispose();
                    break;
                }
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (IsEnd(e))
        {
            await broken.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async Task<bool> PassAsync(Memory<byte> bytes, Socket to, LinkWeather weather, CancellationToken broken)
    {
        while (bytes.Length > 0)
        {
            (int untouched, LinkWeather.Stroke? stroke) = weather.Take(bytes.Length);
            if (untouched > 0)
                await SendAsync(bytes[..untouched], to, broken).ConfigureAwait(false);
            bytes = bytes[untouched..];
            if (stroke is null)
                continue;
            if (stroke.Kind == LinkWeather.StrokeKind.Flip)
                bytes.Span[0] ^= (byte)(1 << stroke.Bit);
            if (stroke.Kind == LinkWeather.StrokeKind.Duplicate)
                await SendAsync(bytes, to, broken).ConfigureAwait(false);
            stroke.Happened.TrySetResult();
            if (stroke.Kind == LinkWeather.StrokeKind.Cut)
                return false;
        }
        return true;
    }

    private static async Task SendAsync(ReadOnlyMemory<byte> bytes, Socket to, CancellationToken broken)
    {
        while (bytes.Length > 0)
            bytes = bytes[await to.SendAsync(bytes, broken).ConfigureAwait(false)..];
    }

    private static bool IsEnd(Exception e) => e is OperationCanceledException or SocketException or ObjectDisposedException;
}
