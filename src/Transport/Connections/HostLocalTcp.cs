using System.Net;
using System.Net.Sockets;

namespace Lockstep.Transport.Connections;

/// <summary>
/// TCP between two processes of one host: no network lies between them and none can be congested. Some systems' default, BBR, nevertheless sends by timers, and a connection
/// that once began with it goes on doing so whatever it is told later (Linux's <c>sk_pacing_status</c> is set and never reset). So it begins with Reno, which every process may
/// choose, and one that turns out to leave the host gets the system's choice then. Elsewhere than on Linux, and on other sockets than TCP's, nothing is changed.
/// </summary>
public static class HostLocalTcp
{
    // Linux's numbers of the protocol's level and of TCP_CONGESTION (tcp(7)); .NET has no names for them.
    private const int TcpLevel = 6;
    private const int TcpCongestion = 13;
    private const int LongestName = 16;

    /// <summary>Connections that the listener will accept begin without pacing; each is to be given to <see cref="Settle"/>.</summary>
    /// <param name="listener">A socket that does not listen yet.</param>
    public static void PrepareListener(Socket listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        if (Concerns(listener))
            BeginUnpaced(listener);
    }

    /// <summary>A connection to an address of this host begins without pacing.</summary>
    /// <param name="client">A socket that is not connected yet.</param>
    /// <param name="remote">Where it is about to connect.</param>
    public static void PrepareClient(Socket client, EndPoint remote)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(remote);
        if (Concerns(client) && remote is IPEndPoint address && IsOfThisHost(address))
            BeginUnpaced(client);
    }

    /// <summary>Leaves a connection within the host as it is, and gives any other one what the system chooses for it.</summary>
    /// <param name="connected">A connected socket.</param>
    /// <exception cref="SocketException">The peer is gone already.</exception>
    public static void Settle(Socket connected)
    {
        ArgumentNullException.ThrowIfNull(connected);
        if (Concerns(connected) && !IsWithinHost(connected))
            UseSystemsChoice(connected);
    }

    /// <summary>Whether both ends of a TCP connection are on this host.</summary>
    /// <param name="connected">A connected TCP socket.</param>
    /// <exception cref="SocketException">The peer is gone already.</exception>
    public static bool IsWithinHost(Socket connected)
    {
        ArgumentNullException.ThrowIfNull(connected);
        return connected is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } && AreOfOneHost(local.Address, remote.Address);
    }

    /// <summary>Gives the socket the congestion control with which a new one begins.</summary>
    internal static void UseSystemsChoice(Socket socket)
    {
        using var fresh = new Socket(socket.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        Span<byte> name = stackalloc byte[LongestName];
        int length = fresh.GetRawSocketOption(TcpLevel, TcpCongestion, name);
        socket.SetRawSocketOption(TcpLevel, TcpCongestion, name[..length]);
    }

    /// <summary>Whether a connection between the two never leaves the host.</summary>
    internal static bool AreOfOneHost(IPAddress local, IPAddress remote) => local.Equals(remote) || (IPAddress.IsLoopback(local) && IPAddress.IsLoopback(remote));

    private static bool Concerns(Socket socket) => OperatingSystem.IsLinux() && socket is { AddressFamily: not AddressFamily.Unix, SocketType: SocketType.Stream };

    // What is sent to an address of the host itself comes from that address. A datagram socket learns its own without sending anything.
    private static bool IsOfThisHost(IPEndPoint remote)
    {
        try
        {
            using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(remote);
            return probe.LocalEndPoint is IPEndPoint local && AreOfOneHost(local.Address, remote.Address);
        }
        catch (SocketException)
        {
            // No way leads there: connecting is about to find that out, and to report it.
            return false;
        }
    }

    private static void BeginUnpaced(Socket socket)
    {
        try
        {
            socket.SetRawSocketOption(TcpLevel, TcpCongestion, "reno"u8);
        }
        catch (SocketException)
        {
            // A system that has no such choice, such as an emulated Linux, keeps its own: slower at worst.
        }
    }
}
