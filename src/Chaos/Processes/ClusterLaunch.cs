using System.Globalization;
using Lockstep.Chaos.Hooks;
using Lockstep.Launch;
using Lockstep.Transport.Connections;

namespace Lockstep.Chaos.Processes;

/// <summary>Starts the coordinators and workers of one run, in its folder.</summary>
/// <param name="Program">How to start this program.</param>
/// <param name="Starter">Starts processes.</param>
/// <param name="Time">For bounds.</param>
/// <param name="Token">The run's join token, as text.</param>
/// <param name="JobFile">The resolved job.</param>
/// <param name="DataRoot">Where the job's paths start.</param>
/// <param name="Runs">The folder of run directories.</param>
/// <param name="ClockFile">Where processes read by how much their wall clock is off.</param>
/// <param name="Threads">Compute threads of each worker.</param>
public sealed record ClusterLaunch(
    ThisProgram Program, IProcessStarter Starter, TimeProvider Time, string Token, string JobFile, string DataRoot, string Runs, string ClockFile, int Threads)
{
    /// <summary>Says that the launcher holds the standard input open, and that the process ends with it.</summary>
    private const string Launched = "--launched";

    private const int JoinTimeoutSeconds = 120;

    /// <summary>Starts a coordinator.</summary>
    /// <param name="name">For transcripts.</param>
    /// <param name="listen">Where it listens: HOST:PORT or unix:PATH.</param>
    /// <param name="workersMinimum">Workers that it waits for.</param>
    /// <param name="resume">The run directory to go on with; null to begin.</param>
    public ClusterProcess StartCoordinator(string name, string listen, int workersMinimum, string? resume)
    {
        string[] resumed = resume is null ? [] : ["--resume", resume];
        return Start(
            name,
            [
                "coordinator", JobFile, .. resumed, "--listen", listen, "--workers-minimum", Text(workersMinimum), "--output", Runs, "--data-root", DataRoot, "--plain", Launched,
            ],
            null);
    }

    /// <summary>Starts a standby.</summary>
    /// <param name="name">For transcripts.</param>
    /// <param name="join">Where the coordinator listens.</param>
    /// <param name="listen">Where it listens: HOST:PORT or unix:PATH.</param>
    /// <param name="output">The folder of its run directory.</param>
    public ClusterProcess StartStandby(string name, DataEndpoint join, string listen, string output) => Start(
        name,
        [
            "coordinator", "--standby", "--join", join.ToString(), "--listen", listen, "--join-timeout", Text(JoinTimeoutSeconds), "--output", output, "--data-root", DataRoot, "--plain", Launched,
        ],
        null);

    /// <summary>Starts a worker.</summary>
    /// <param name="name">For transcripts.</param>
    /// <param name="join">Where it joins.</param>
    /// <param name="injected">What it does to itself; null for nothing.</param>
    public ClusterProcess StartWorker(string name, DataEndpoint join, InjectedFaultText? injected) => Start(
        name,
        ["worker", "--join", join.ToString(), "--threads", Text(Threads), "--join-timeout", Text(JoinTimeoutSeconds), "--data-root", DataRoot, Launched],
        injected);

    private ClusterProcess Start(string name, string[] arguments, InjectedFaultText? injected)
    {
        var environment = new Dictionary<string, string?>
        {
            [LocalWorkersOptions.TokenVariable] = Token,
            [ProcessHooks.ClockVariable] = ClockFile,
            [ProcessHooks.FaultVariable] = injected?.ToString(),
        };
        return new ClusterProcess(Starter.Start(new ProcessRequest(Program.File, [.. Program.LeadingArguments, .. arguments], environment)), name, Time);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
