using System.Net;
using System.Net.Sockets;

namespace Lockstep.Transport.Connections;

/// <summary>TCP between two processes of one host.</summary>
public static class HostLocalTcp
{
    // Linux's numbers of the protocol's level and of TCP_CONGESTION (tcp(7)); .NET has no names for them.
    private const int TcpLevel = 6;
    private const int TcpCongestion = 13;

    /// <summary>
    /// Where both ends have one address, no network lies between them and none can be congested. Some systems' default, BBR, nevertheless paces what is sent by
    /// timers; Reno, which every process may choose, does not. Elsewhere than on Linux, and on other connections, nothing is changed.
    /// </summary>
    /// <param name="socket">A connected TCP socket.</param>
    /// <exception cref="SocketException">The peer is gone already.</exception>
    public static void SendWithoutPacing(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (OperatingSystem.IsLinux() && socket is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } && local.Address.Equals(remote.Address))
            socket.SetRawSocketOption(TcpLevel, TcpCongestion, "reno"u8);
    }
}
