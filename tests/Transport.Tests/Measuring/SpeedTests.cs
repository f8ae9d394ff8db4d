using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Transport.Tests.Measuring;

/// <summary>
/// Prints what a connection moves on this machine; asserts only that all of it arrives. Both ends are in this process. To
/// see the numbers: <c>dotnet test tests/Transport.Tests -c Release --filter SpeedTests --logger "console;verbosity=detailed"</c>;
/// LOCKSTEP_MEASURE_MB sets how much is moved for each line (default 200).
/// </summary>
public sealed class SpeedTests(ITestOutputHelper output)
{
    private static readonly long Megabytes =
        long.Parse(Environment.GetEnvironmentVariable("LOCKSTEP_MEASURE_MB") ?? "200", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(false, 64 * 1024, false)]
    [InlineData(false, 256 * 1024, false)]
    [InlineData(false, 1 << 20, false)]
    [InlineData(true, 64 * 1024, false)]
    [InlineData(true, 256 * 1024, false)]
    [InlineData(true, 1 << 20, false)]
    [InlineData(false, 64 * 1024, true)]
    [InlineData(false, 256 * 1024, true)]
    [InlineData(false, 1 << 20, true)]
    public void Large_frames_one_way(bool unix, int length, bool encrypted)
    {
        int frames = (int)(Megabytes * 1_000_000 / length);
        int warm = frames / 10, received = 0;
        long begun = 0, ended = 0, garbage = 0;
        TimeSpan work = default;
        // A model's worth of memory on both sides, so that neither end works in a cache that real gradients would not fit.
        using var source = new NativeBytes(16 << 20, seed: 1);
        using var target = new NativeBytes(16 << 20);
        int slots = source.Length / length;
        using var done = new ManualResetEventSlim();
        using var plane = new Plane(encrypted ? Plane.Encrypted() : Plane.Defaults(), unix, serverHandler: () => new Recorder
        {
            KeepsPayloads = false,
            OnLand = h => At(target, (int)(h.Application.First % (ulong)slots) * length, length),
            OnReceived = (_, _) =>
            {
                if (++received == warm)
                    (begun, garbage, work) = (TimeProvider.System.GetTimestamp(), GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime);
                if (received == warm + frames)
                {
                    (ended, garbage, work) = (TimeProvider.System.GetTimestamp(), GC.GetTotalAllocatedBytes() - garbage, Environment.CpuUsage.TotalTime - work);
                    done.Set();
                }
            },
        });
        Recorder client = plane.Connect();
        for (int i = 0; i < warm + frames; i++)
            Assert.Equal(QueueOutcome.Queued, client.Connection!.Send(FrameAt(source, i, slots, length), Bounds.Generous));
        Assert.True(done.Wait(Bounds.Generous));
        double seconds = TimeProvider.System.GetElapsedTime(begun, ended).TotalSeconds;
        double megabytes = (double)frames * length / 1e6;
        output.WriteLine($"{(unix ? "Unix" : "TCP")}{(encrypted ? " with TLS" : "")} {length / 1024} KiB frames: {megabytes / seconds:F0} MB/s, {work.TotalSeconds * 1e3 / megabytes:F2} s of the processor a GB, garbage {garbage / 1e3 / megabytes:F1} KB a MB");
    }

    [Theory]
    [InlineData(false, 256 * 1024)]
    [InlineData(false, 1 << 20)]
    [InlineData(true, 256 * 1024)]
    [InlineData(true, 1 << 20)]
    public void Bare_sockets_one_way_for_comparison(bool unix, int length)
    {
        int frames = (int)(Megabytes * 1_000_000 / length);
        using var source = new NativeBytes(16 << 20, seed: 1);
        using var target = new NativeBytes(16 << 20);
        int slots = source.Length / length;
        string folder = Directory.CreateTempSubdirectory("lockstep").FullName;
        EndPoint endpoint = unix ? new UnixDomainSocketEndPoint(Path.Combine(folder, "bare")) : new IPEndPoint(IPAddress.Loopback, 0);
        using Socket listener = Bare(endpoint);
        listener.Bind(endpoint);
        listener.Listen(1);
        using Socket sender = Bare(endpoint);
        sender.Connect(listener.LocalEndPoint!);
        using Socket receiver = listener.Accept();
        var thread = new Thread(() =>
        {
            for (int i = 0; i < frames; i++)
                sender.Send(source.Span.Slice(i % slots * length, length));
        });
        long begun = TimeProvider.System.GetTimestamp();
        thread.Start();
        for (int i = 0; i < frames; i++)
        {
            Span<byte> rest = target.Span.Slice(i % slots * length, length);
            while (rest.Length > 0)
                rest = rest[receiver.Receive(rest)..];
        }
        double seconds = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
        thread.Join();
        output.WriteLine($"{(unix ? "Unix" : "TCP")} {length / 1024} KiB bare socket: {(double)frames * length / 1e6 / seconds:F0} MB/s");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Small_frames_there_and_back(bool unix)
    {
        const int Warm = 500, Measured = 3000;
        using var payload = new NativeBytes(64, seed: 1);
        using var plane = new Plane(unix: unix, serverHandler: () => new Recorder
        {
            KeepsPayloads = false,
            OnReceived = (c, _) => c.TrySend(Sending.Frame(payload)),
        });
        var microseconds = new List<double>();
        long begun = 0;
        using var done = new ManualResetEventSlim();
        Recorder client = plane.Connect(new Recorder
        {
            KeepsPayloads = false,
            OnReceived = (c, _) =>
            {
                microseconds.Add(TimeProvider.System.GetElapsedTime(begun).TotalMicroseconds);
                if (microseconds.Count == Warm + Measured)
                {
                    done.Set();
                    return;
                }
                begun = TimeProvider.System.GetTimestamp();
                c.TrySend(Sending.Frame(payload));
            },
        });
        begun = TimeProvider.System.GetTimestamp();
        client.Connection!.TrySend(Sending.Frame(payload));
        Assert.True(done.Wait(Bounds.Generous));
        double[] sorted = [.. microseconds.Skip(Warm).Order()];
        output.WriteLine(
            $"{(unix ? "Unix" : "TCP")} 64-byte payload there and back: median {sorted[Measured / 2]:F0} µs, 99 % within {sorted[Measured * 99 / 100]:F0} µs");
    }

    [Fact]
    public void The_checksum()
    {
        using var source = new NativeBytes(1 << 18, seed: 1);
        ulong sum = 0;
        for (int i = 0; i < 1000; i++)
            sum ^= Checksum.Of(source.Span);
        long begun = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < 1001; i++)
            sum ^= Checksum.Of(source.Span);
        double seconds = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
        output.WriteLine($"XXH3 of 256 KiB in cache: {1001 * (double)source.Length / 1e9 / seconds:F1} GB/s");
        Assert.NotEqual(0UL, sum);
    }

    private static Socket Bare(EndPoint endpoint)
    {
        var socket = new Socket(
            endpoint.AddressFamily, SocketType.Stream, endpoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified)
        {
            SendBufferSize = 4_000_000,
            ReceiveBufferSize = 4_000_000,
        };
        if (endpoint is IPEndPoint)
            socket.NoDelay = true;
        return socket;
    }

    private static unsafe Landing At(NativeBytes target, int offset, int length) => Landing.At(target.Pointer + offset, length);

    private static unsafe OutgoingFrame FrameAt(NativeBytes source, int index, int slots, int length) => new()
    {
        Application = new ApplicationHeader((ulong)index, 0, 0, 0),
        Payload = source.Pointer + (index % slots * length),
        Length = length,
    };
}
