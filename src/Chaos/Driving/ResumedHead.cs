using System.Globalization;
using Lockstep.Chaos.Processes;
using Lockstep.Transport.Connections;

namespace Lockstep.Chaos.Driving;

/// <summary>One coordinator at a time; after its end another one is started with <c>--resume</c>, or anew where there is no checkpoint yet.</summary>
/// <param name="launch">Starts it.</param>
/// <param name="listen">Where it listens: HOST:PORT, port 0 for any, or unix:PATH.</param>
/// <param name="workersMinimum">Workers that the first one waits for.</param>
public sealed class ResumedHead(ClusterLaunch launch, string listen, int workersMinimum) : IHead
{
    private const string Listening = "listening on ", Joins = "; a worker joins with: ", Folder = " in ", Resumed = "resumed at step ";

    private readonly List<ClusterProcess> _processes = [];

    /// <inheritdoc/>
    public ClusterProcess Leader => _processes[^1];

    /// <inheritdoc/>
    public string RunDirectory { get; private set; } = "";

    /// <inheritdoc/>
    public DataEndpoint Endpoint { get; private set; } = null!;

    /// <inheritdoc/>
    public bool HasEnded => !Leader.Runs;

    /// <inheritdoc/>
    public string Transcript => string.Concat(_processes.Select(process => process.Transcript));

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken end) => await BeginAsync(workersMinimum, null, end).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<bool> CanGoOnAsync() => Task.FromResult(Leader.Runs);

    /// <inheritdoc/>
    public async Task KillAsync() => await Leader.KillAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<long> GoOnAsync(CancellationToken end)
    {
        if (!CheckpointFolder.Of(RunDirectory).Any())
        {
            await BeginAsync(1, null, end).ConfigureAwait(false);
            return 0;
        }
        await BeginAsync(1, RunDirectory, end).ConfigureAwait(false);
        string? said = Leader.Lines.FirstOrDefault(line => line.StartsWith(Resumed, StringComparison.Ordinal));
        return said is null ? 0 : long.Parse(said[Resumed.Length..], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ClusterProcess process in _processes)
            await process.DisposeAsync().ConfigureAwait(false);
    }

    private async Task BeginAsync(int minimum, string? resume, CancellationToken end)
    {
        string name = _processes.Count == 0 ? "coordinator" : string.Create(CultureInfo.InvariantCulture, $"coordinator {_processes.Count + 1}");
        ClusterProcess process = launch.StartCoordinator(name, listen, minimum, resume);
        _processes.Add(process);
        string listening = await LineAsync(process, Listening, end).ConfigureAwait(false);
        Endpoint = DataEndpoint.Parse(listening[Listening.Length..listening.IndexOf(Joins, StringComparison.Ordinal)]);
        string run = await LineAsync(process, "run ", end).ConfigureAwait(false);
        RunDirectory = run[(run.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..];
        // It is said after the folder and before anything that a worker does.
        await LineAsync(process, "waiting for workers", end).ConfigureAwait(false);
    }

    private static async Task<string> LineAsync(ClusterProcess process, string start, CancellationToken end) =>
        await process.SaysAsync(line => line.StartsWith(start, StringComparison.Ordinal)).WaitAsync(end).ConfigureAwait(false)
        ?? throw new ChaosException($"the {process.Name} ended before it said '{start.TrimEnd()} …': {process.Lines.LastOrDefault(line => line.StartsWith("error", StringComparison.Ordinal)) ?? process.Lines.LastOrDefault()}");
}
