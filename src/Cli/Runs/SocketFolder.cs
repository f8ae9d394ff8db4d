using System.Text;

namespace Lockstep.Cli.Runs;

/// <summary>
/// A folder of this run alone, which only this user may enter, for the socket between a coordinator and the workers that it
/// launches on its own machine.
/// </summary>
internal sealed class SocketFolder : IDisposable
{
    /// <summary>The shortest limit of the systems that there are, less the zero at the end.</summary>
    private const int LongestPath = 100;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-").FullName;

    /// <summary>Where the socket goes; null where this system has no such sockets or the path is too long for one, so that TCP must do.</summary>
    public string? Socket
    {
        get
        {
            string path = Path.Combine(_folder, "data");
            return System.Net.Sockets.Socket.OSSupportsUnixDomainSockets && Encoding.UTF8.GetByteCount(path) <= LongestPath ? path : null;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
