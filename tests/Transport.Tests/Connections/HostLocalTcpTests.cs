using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed class HostLocalTcpTests
{
    // A socket that begins with the system's choice may be paced for good: what matters is what both ends have before they are connected.
    [SkippableTheory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Connections_within_a_host_begin_without_pacing(string address)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "chooses congestion control on Linux");
        IPAddress host = IPAddress.Parse(address);
        Skip.IfNot(NetworkInterface.GetAllNetworkInterfaces().Any(i => i.GetIPProperties().UnicastAddresses.Any(a => a.Address.Equals(host))), $"has no {address} here");
        using var listener = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        HostLocalTcp.PrepareListener(listener);
        listener.Bind(new IPEndPoint(host, 0));
        listener.Listen(1);
        using var client = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        HostLocalTcp.PrepareClient(client, listener.LocalEndPoint!);
        Assert.Equal("reno", CongestionControl(client));

        client.Connect(listener.LocalEndPoint!);
        using Socket server = listener.Accept();
        Assert.Equal("reno", CongestionControl(server));
        foreach (Socket end in (Socket[])[client, server])
        {
            using var carrier = new SocketCarrier(end);
            carrier.Configure(new ConnectionOptions());
            Assert.Equal("reno", CongestionControl(end));
        }
    }

    [SkippableFact]
    public void What_a_data_plane_accepts_begins_without_pacing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "chooses congestion control on Linux");
        using var listener = ListenerSocket.Open(DataEndpoint.Tcp("127.0.0.1", 0), 1, tcpReceiveBuffer: null);
        Assert.Equal("reno", CongestionControl(listener));
    }

    // A receive buffer whose size was asked for does not grow, and what a granted window lets in beyond it is thrown away.
    [Fact]
    public void What_a_connection_may_have_sent_unread_is_bounded_and_its_receive_buffer_is_the_system_s()
    {
        using var listener = ListenerSocket.Open(DataEndpoint.Tcp("127.0.0.1", 0), 1, tcpReceiveBuffer: null);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        using Socket server = listener.Accept();
        foreach (Socket end in (Socket[])[client, server])
        {
            int received = end.ReceiveBufferSize;
            using var carrier = new SocketCarrier(end);
            carrier.Configure(new ConnectionOptions { LocalSocketBuffer = 100_000 });
            Assert.Equal(received, end.ReceiveBufferSize);
            // Linux doubles what is asked, for its own bookkeeping.
            Assert.Contains(end.SendBufferSize, (int[])[100_000, 200_000]);
        }
    }

    [SkippableFact]
    public void A_client_of_another_host_and_what_settles_outside_keep_the_system_s_choice()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "chooses congestion control on Linux");
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        string system = CongestionControl(client);
        // An address for documentation (RFC 5737): it belongs to no host.
        HostLocalTcp.PrepareClient(client, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9));
        Assert.Equal(system, CongestionControl(client));

        HostLocalTcp.PrepareListener(client);
        Assert.Equal("reno", CongestionControl(client));
        HostLocalTcp.UseSystemsChoice(client);
        Assert.Equal(system, CongestionControl(client));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("10.0.0.7", "10.0.0.7", true)]
    [InlineData("10.0.0.7", "10.0.0.8", false)]
    [InlineData("10.0.0.7", "127.0.0.1", false)]
    public void Two_addresses_of_one_host_are_the_same_or_loop_back(string local, string remote, bool expected) =>
        Assert.Equal(expected, HostLocalTcp.AreOfOneHost(IPAddress.Parse(local), IPAddress.Parse(remote)));

    [Fact]
    public void A_socket_without_congestion_settles_as_it_is()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // A new TCP socket, whose choice would be taken over, cannot be had of that family.
        Assert.Null(Record.Exception(() => HostLocalTcp.Settle(socket)));
    }

    private static string CongestionControl(Socket socket)
    {
        byte[] name = new byte[16];
        int length = socket.GetRawSocketOption(6, 13, name);
        return Encoding.ASCII.GetString(name, 0, length).TrimEnd('\0');
    }
}
