using System.Net;
using System.Net.Sockets;
using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Joining;

/// <summary>Opens the socket of a listener, and says what to do when that fails.</summary>
internal static class ListenerSocket
{
    /// <exception cref="ListenException">It cannot be opened.</exception>
    public static Socket Open(DataEndpoint endpoint, int backlog, int? tcpReceiveBuffer)
    {
        try
        {
            EndPoint address = endpoint.Resolve()[0];
            if (endpoint.IsUnix && IsAbandoned(endpoint, address))
                File.Delete(endpoint.Path!);
            return Bind(endpoint, address, backlog, tcpReceiveBuffer);
        }
        catch (SocketException e)
        {
            bool inUse = e.SocketErrorCode == SocketError.AddressAlreadyInUse;
            throw new ListenException(Explain(endpoint, e), inUse, e);
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new ListenException($"Cannot listen at {endpoint}: {e.Message} Choose another path.", false, e);
        }
    }

    private static Socket Bind(DataEndpoint endpoint, EndPoint address, int backlog, int? tcpReceiveBuffer)
    {
        Socket socket = endpoint.CreateSocket(address.AddressFamily);
        try
        {
            // Accepted sockets inherit it, and TCP agrees on its window before they are accepted.
            if (!endpoint.IsUnix && tcpReceiveBuffer is { } size)
                socket.ReceiveBufferSize = size;
            HostLocalTcp.PrepareListener(socket);
            socket.Bind(address);
            if (endpoint.IsUnix && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(endpoint.Path!, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket file to which nobody listens is left over from a process that was killed.</summary>
    private static bool IsAbandoned(DataEndpoint endpoint, EndPoint address)
    {
        if (!File.Exists(endpoint.Path))
            return false;
        using Socket probe = endpoint.CreateSocket(address.AddressFamily);
        try
        {
            probe.Connect(address);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(endpoint.Path!);
        }
    }

    /// <summary>A file of data under that name must not be deleted; it opens, and a socket does not.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string Explain(DataEndpoint endpoint, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse when endpoint.IsUnix =>
            $"Another process listens at {endpoint}: stop it, or choose another path.",
        SocketError.AddressAlreadyInUse =>
            $"Port {endpoint.Port} on {endpoint.Host} is in use by another process: choose another port, or 0 for any free one.",
        SocketError.AccessDenied =>
            $"Listening at {endpoint} is not allowed: choose a port above 1023, or a folder that you may write to.",
        SocketError.AddressNotAvailable =>
            $"{endpoint.Host} is not an address of this machine: listen on one that it has.",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData =>
            $"The name {endpoint.Host} is unknown: check its spelling, or use an address.",
        _ => $"Cannot listen at {endpoint}: {e.Message}",
    };
}
