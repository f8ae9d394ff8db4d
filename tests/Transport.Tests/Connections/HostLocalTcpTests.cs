using System.Net;
using System.Net.Sockets;
using System.Text;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed class HostLocalTcpTests
{
    [Fact]
    public void Connections_within_a_host_are_not_paced()
    {
        (Socket client, Socket server) = Connect();
        using (client)
        using (server)
        {
            using var carrier = new SocketCarrier(client);
            carrier.Configure(new ConnectionOptions());
            HostLocalTcp.SendWithoutPacing(server);
            Assert.Equal(5, client.Send(Encoding.ASCII.GetBytes("bytes")));
            byte[] received = new byte[5];
            server.ReceiveTimeout = (int)Bounds.Generous.TotalMilliseconds;
            Assert.Equal(5, server.Receive(received));
            if (OperatingSystem.IsLinux())
                Assert.Equal(("reno", "reno"), (CongestionControl(client), CongestionControl(server)));
        }
    }

    [Fact]
    public void A_socket_that_is_not_connected_keeps_the_system_s_choice()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        string before = OperatingSystem.IsLinux() ? CongestionControl(socket) : "";
        HostLocalTcp.SendWithoutPacing(socket);
        Assert.Equal(before, OperatingSystem.IsLinux() ? CongestionControl(socket) : "");
    }

    private static (Socket Client, Socket Server) Connect()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        return (client, listener.Accept());
    }

    private static string CongestionControl(Socket socket)
    {
        byte[] name = new byte[16];
        int length = socket.GetRawSocketOption(6, 13, name);
        return Encoding.ASCII.GetString(name, 0, length).TrimEnd('\0');
    }
}
