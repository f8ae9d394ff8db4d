using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lockstep.Transport.Connections;

/// <summary>Where a data plane listens: a TCP host and port, or the path of a Unix domain socket on the same host.</summary>
public sealed record DataEndpoint
{
    private const string UnixPrefix = "unix:";

    private DataEndpoint(string? host, int port, string? path) => (Host, Port, Path) = (host, port, path);

    /// <summary>Name or address; null for a Unix domain socket.</summary>
    public string? Host { get; }

    /// <summary>0 asks a listener for any free port.</summary>
    public int Port { get; }

    /// <summary>Path of the Unix domain socket; null for TCP.</summary>
    public string? Path { get; }

    /// <summary>Whether this is a Unix domain socket.</summary>
    public bool IsUnix => Path is not null;

    /// <param name="host">A name or an IPv4 or IPv6 address.</param>
    /// <param name="port">0 to 65535.</param>
    public static DataEndpoint Tcp(string host, int port)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        return new DataEndpoint(host, port, null);
    }

    /// <param name="path">Of a file that the listener makes; systems limit it to about 100 bytes.</param>
    public static DataEndpoint Unix(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new DataEndpoint(null, 0, path);
    }

    /// <summary>Reads what <see cref="ToString"/> writes: <c>host:port</c>, <c>[address]:port</c> or <c>unix:path</c>.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static DataEndpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length)
            return Unix(text[UnixPrefix.Length..]);
        int colon = text.LastIndexOf(':');
        if (colon > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port <= IPEndPoint.MaxPort
            && HostOf(text[..colon]) is { Length: > 0 } host)
            return Tcp(host, port);
        throw new FormatException($"'{text}' is not an endpoint: write HOST:PORT, [IPV6-ADDRESS]:PORT or unix:PATH.");
    }

    public override string ToString() =>
        IsUnix ? UnixPrefix + Path
        : Host!.Contains(':') ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    internal DataEndpoint WithPort(int port) => new(Host, port, Path);

    internal Socket CreateSocket(AddressFamily family) =>
        new(family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);

    /// <summary>The addresses to try, in order; IPv4 first, so that "localhost" means the same to both sides.</summary>
    /// <exception cref="SocketException">The name is unknown.</exception>
    /// <exception cref="ArgumentException">The path is too long for a socket.</exception>
    internal EndPoint[] Resolve()
    {
        if (IsUnix)
            return [new UnixDomainSocketEndPoint(Path!)];
        if (IPAddress.TryParse(Host, out IPAddress? address))
            return [new IPEndPoint(address, Port)];
        IPAddress[] addresses = Dns.GetHostAddresses(Host!);
        return
        [
            .. addresses
                .OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
                .Select(a => new IPEndPoint(a, Port)),
        ];
    }

    private static string? HostOf(string text) =>
        text.StartsWith('[') && text.EndsWith(']') ? text[1..^1]
        : text.Contains(':') ? null
        : text.Trim();
}
