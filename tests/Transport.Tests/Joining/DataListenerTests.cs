using System.Net.Sockets;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Joining;

public sealed class DataListenerTests
{
    [Fact]
    public void A_port_in_use_is_refused_with_what_to_do()
    {
        using var plane = new Plane();
        ListenException e = Assert.Throws<ListenException>(() => new DataListener(plane.Listener.Endpoint, plane.Options, plane));
        Assert.True(e.IsInUse);
        Assert.Contains("choose another port", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_file_in_use_is_refused_and_one_left_over_is_replaced()
    {
        using var plane = new Plane(unix: true);
        Assert.True(Assert.Throws<ListenException>(() => new DataListener(plane.Listener.Endpoint, plane.Options, plane)).IsInUse);

        string path = plane.Listener.Endpoint.Path! + "2";
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(path));
            // Moving the file away and back keeps the closing socket from deleting it, as a kill would.
            File.Move(path, path + "-");
        }
        File.Move(path + "-", path);
        using var listener = new DataListener(DataEndpoint.Unix(path), plane.Options, plane);
        plane.Connect(endpoint: listener.Endpoint);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_file_of_data_is_not_mistaken_for_a_socket()
    {
        string path = Path.GetTempFileName();
        try
        {
            using var plane = new Plane();
            Assert.Throws<ListenException>(() => new DataListener(DataEndpoint.Unix(path), plane.Options, plane));
            Assert.True(File.Exists(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void An_address_of_another_machine_is_refused_with_what_to_do()
    {
        using var plane = new Plane();
        Assert.Contains(
            "not an address of this machine",
            Assert.Throws<ListenException>(() => new DataListener(DataEndpoint.Tcp("192.0.2.1", 0), plane.Options, plane)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ListenException>(() => new DataListener(DataEndpoint.Unix("/" + new string('x', 300)), plane.Options, plane));
    }

    [Fact]
    public void Disposing_ends_handshakes_under_way_but_not_connections()
    {
        using var plane = new Plane();
        Recorder client = plane.Connect();
        using var half = RawPeer.Dial(plane);
        Bounds.Await(() => plane.Listener.Counters.Accepted == 2, "both are accepted");
        Bounds.Await(() => plane.Listener.Counters.Admitted == 1, "one is admitted");
        plane.Listener.Dispose();
        Assert.Equal(0, half.ReadToEnd());
        Assert.True(client.Connection!.IsOpen);
    }

    [Fact]
    public async Task Disposing_leaves_whoever_is_being_welcomed_alone()
    {
        using var opened = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        using var plane = new Plane(serverHandler: () => new Recorder
        {
            OnOpened = _ =>
            {
                opened.Set();
                goOn.Wait(Bounds.Generous);
            },
        });
        var client = new Recorder();
        using var before = RawPeer.Dial(plane);
        Bounds.Await(() => plane.Listener.Counters.Accepted == 1, "the first is accepted");
        Task connecting = Task.Run(() => plane.Connect(client));
        Assert.True(opened.Wait(Bounds.Generous));
        using var after = RawPeer.Dial(plane);
        Bounds.Await(() => plane.Listener.Counters.Accepted == 3, "all are accepted");

        Task disposing = Task.Run(plane.Listener.Dispose);
        // Those before and behind it have been ended.
        Assert.Equal(0, before.ReadToEnd());
        Assert.Equal(0, after.ReadToEnd());
        goOn.Set();
        await connecting.WaitAsync(Bounds.Generous);
        await disposing.WaitAsync(Bounds.Generous);

        Assert.Equal(QueueOutcome.Queued, client.Connection!.TrySend(new OutgoingFrame { Application = new ApplicationHeader(7, 0, 0, 0) }));
        Assert.Equal(7ul, plane.NextServer().Next().Header.Application.First);
    }
}
