using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Engine.Parameters;
using Lockstep.Transport.Connections;

namespace Lockstep.Benchmarks.Clusters;

/// <summary>
/// The bytes of an exchange and nothing else: every worker sends a gradient to one place, and when all are there it sends each the parameters. Blocking calls of one thread for each
/// end, no checksum, no sum, no update: the floor of any exchange by way of one server over these sockets.
/// </summary>
internal sealed class BareTransfer : IDisposable
{
    /// <summary>Bytes of a call, as of a block of parameters.</summary>
    private const int Piece = ParameterLayout.MaximumBlockLength * sizeof(float);

    private static readonly int SocketBuffer = new ConnectionOptions().LocalSocketBuffer;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Barrier _all;
    private readonly byte[][] _gradients;
    private readonly byte[][] _received;
    private readonly byte[] _parameters;
    private readonly (Socket Worker, Socket Server)[] _pairs;

    private BareTransfer(Link link, int workers, int bytes)
    {
        _gradients = Memories(workers, bytes);
        _received = Memories(workers, bytes);
        _parameters = new byte[bytes];
        _pairs = [.. Enumerable.Range(0, workers).Select(_ => Connect(link))];
        _all = new Barrier(workers);
    }

    /// <summary>Measures the steps of <paramref name="workers"/> workers, in milliseconds.</summary>
    public static Distribution Measure(Link link, int workers, int mebibytes, int warmUp, int steps)
    {
        using var transfer = new BareTransfer(link, workers, mebibytes << 20);
        return Distribution.Of(transfer.Run(warmUp + steps).Skip(warmUp));
    }

    public void Dispose()
    {
        CloseAll();
        _all.Dispose();
    }

    private void CloseAll()
    {
        foreach ((Socket worker, Socket server) in _pairs)
        {
            worker.Dispose();
            server.Dispose();
        }
    }

    private double[] Run(int steps)
    {
        double[] times = new double[steps];
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, _pairs.Length).SelectMany(pair => (Thread[])[new Thread(() => Guard(() => Work(pair, times))), new Thread(() => Guard(() => Serve(pair, steps)))])];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return failure is null ? times : throw new InvalidOperationException("The bare transfer failed.", failure);

        void Guard(Action side)
        {
            try
            {
                side();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or TimeoutException)
            {
                failure = e;
                CloseAll();
            }
        }
    }

    // The worker's step lasts until it has all parameters, which come when all gradients are there.
    private void Work(int pair, double[] times)
    {
        for (int step = 0; step < times.Length; step++)
        {
            long began = Stopwatch.GetTimestamp();
            Send(_pairs[pair].Worker, _gradients[pair]);
            Receive(_pairs[pair].Worker, _gradients[pair]);
            if (pair == 0)
                times[step] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
    }

    private void Serve(int pair, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            Receive(_pairs[pair].Server, _received[pair]);
            if (!_all.SignalAndWait(Patience))
                throw new TimeoutException("The other workers' gradients did not come.");
            Send(_pairs[pair].Server, _parameters);
        }
    }

    private static void Send(Socket socket, byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
            at += socket.Send(bytes.AsSpan(at, Math.Min(Piece, bytes.Length - at)), SocketFlags.None);
    }

    private static void Receive(Socket socket, byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int count = socket.Receive(bytes.AsSpan(at, Math.Min(Piece, bytes.Length - at)), SocketFlags.None);
            at += count > 0 ? count : throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    private static byte[][] Memories(int count, int bytes) => [.. Enumerable.Range(0, count).Select(_ => new byte[bytes])];

    private static (Socket Worker, Socket Server) Connect(Link link)
    {
        string path = Path.Combine(Path.GetTempPath(), $"lockstep-bare-{Guid.NewGuid():N}");
        try
        {
            using Socket listener = link == Link.Unix
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(link == Link.Unix ? new UnixDomainSocketEndPoint(path) : new IPEndPoint(IPAddress.Loopback, 0));
            // As this project's own connections.
            HostLocalTcp.PrepareListener(listener);
            listener.Listen(1);
            Socket worker = Open(new Socket(listener.AddressFamily, SocketType.Stream, listener.ProtocolType), link);
            HostLocalTcp.PrepareClient(worker, listener.LocalEndPoint!);
            worker.Connect(listener.LocalEndPoint!);
            return (worker, Open(listener.Accept(), link));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Socket Open(Socket socket, Link link)
    {
        socket.SendBufferSize = SocketBuffer;
        if (link == Link.Tcp)
            socket.NoDelay = true;
        else
            socket.ReceiveBufferSize = SocketBuffer;
        return socket;
    }
}
