using System.Net;
using System.Net.Sockets;
using Lockstep.Benchmarks.Machine;
using Lockstep.Cli.Runs;
using Lockstep.Transport.Joining;

namespace Lockstep.Benchmarks.Clusters;

/// <summary>How a coordinator and its workers are started on this machine, and by what their bytes go from one to the other.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Start">Starts the processes of a run, the one first that ends when the run is over.</param>
internal sealed record Link(string Name, Func<ClusterJob, IReadOnlyList<RunningProcess>> Start)
{
    /// <summary><c>lockstep train</c>, which takes a socket in the file system.</summary>
    public static Link Unix { get; } = new("Unix socket", job => [Lockstep("train", ["train", job.JobFile, "--workers", job.WorkersText, "--threads", "1", .. job.Options])]);

    /// <summary><c>lockstep coordinator</c> on loopback, and <c>lockstep worker</c> as on other machines.</summary>
    public static Link Tcp { get; } = new("TCP", StartApart);

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<Link> All { get; } = [Unix, Tcp];

    private static List<RunningProcess> StartApart(ClusterJob job)
    {
        string address = $"127.0.0.1:{FreePort()}";
        var token = (TokenSource.Variable, JoinToken.Generate().Reveal());
        List<RunningProcess> processes = [Lockstep("coordinator", ["coordinator", job.JobFile, "--listen", address, "--workers-minimum", job.WorkersText, .. job.Options], token)];
        for (int worker = 0; worker < job.Workers; worker++)
            processes.Add(Lockstep("worker", ["worker", "--join", address, "--threads", "1", "--data-root", Path.GetDirectoryName(job.JobFile)!], token));
        return processes;
    }

    private static RunningProcess Lockstep(string name, IReadOnlyList<string> arguments, params (string, string)[] environment) =>
        RunningProcess.Start("lockstep " + name, "dotnet", [Path.Combine(AppContext.BaseDirectory, "lockstep.dll"), .. arguments], environment);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
