using System.Globalization;
using System.Net;
using Lockstep.Cli.Exits;

namespace Lockstep.Cli.Addresses;

/// <summary>A host and a port as people write them: <c>node7:4770</c>, <c>10.0.0.5:4770</c>, <c>[::1]:4770</c>.</summary>
/// <param name="Host">Name or address, without brackets.</param>
/// <param name="Port">0 to 65535; 0 asks for any free one.</param>
public sealed record HostPort(string Host, int Port)
{
    /// <summary>Whether nobody beyond this machine can reach it. A name other than <c>localhost</c> may mean anything, so it does not count.</summary>
    public bool IsLoopback => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Whether it stands for all addresses of a machine, so that nobody can be told it.</summary>
    public bool IsWildcard => IPAddress.TryParse(Host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    /// <summary>Reads one.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static HostPort Parse(string text, string option)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? text : text[..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (bracketed)
            host = host[1..^1];
        if (colon < 0 || host.Length == 0 || (host.Contains(':') && !bracketed)
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > 65535)
        {
            throw new InputException(
                $"{option} '{text}' is no HOST:PORT. Write a name or an address, a colon and a port: {option} 127.0.0.1:4770 (an IPv6 address in brackets: [::1]:4770)");
        }

        return new HostPort(host, port);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}");
}
