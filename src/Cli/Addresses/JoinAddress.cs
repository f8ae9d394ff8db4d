using Lockstep.Cli.Exits;
using Lockstep.Transport.Connections;

namespace Lockstep.Cli.Addresses;

/// <summary>What <c>--join</c> says: <c>HOST:PORT</c>, or <c>unix:PATH</c> on one machine, where it moves the same bytes several times faster.</summary>
internal static class JoinAddress
{
    private const string UnixPrefix = "unix:";

    /// <summary>Reads all of them.</summary>
    /// <exception cref="InputException">One is none.</exception>
    public static IReadOnlyList<DataEndpoint> All(IEnumerable<string> texts) => [.. texts.Select(Read)];

    /// <summary>Whether an endpoint is on this machine for certain.</summary>
    public static bool IsLocal(DataEndpoint endpoint) => endpoint.IsUnix || new HostPort(endpoint.Host!, endpoint.Port).IsLoopback;

    private static DataEndpoint Read(string text)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length)
            return DataEndpoint.Unix(text[UnixPrefix.Length..]);
        HostPort join = HostPort.Parse(text, "--join");
        return join.Port != 0
            ? DataEndpoint.Tcp(join.Host, join.Port)
            : throw new InputException($"--join {join}: port 0 is no port to join. Use the one that the coordinator printed.");
    }
}
