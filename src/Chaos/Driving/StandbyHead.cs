using System.Globalization;
using Lockstep.Chaos.Processes;
using Lockstep.Transport.Connections;

namespace Lockstep.Chaos.Driving;

/// <summary>A coordinator and a standby; after the coordinator's end the standby leads, and another one stands by for it.</summary>
/// <param name="launch">Starts them.</param>
/// <param name="listen">Where they listen: HOST:PORT, port 0 for any, or unix:PATH, which standbys add a number to.</param>
/// <param name="workersMinimum">Workers that the first coordinator waits for.</param>
public sealed class StandbyHead(ClusterLaunch launch, string listen, int workersMinimum) : IHead
{
    private const string Folder = "checkpoints go to ", TakenOver = "this standby has taken over at term ", Step = "the checkpoint after step ", Joins = "; workers join at ";

    private readonly ResumedHead _first = new(launch, listen, workersMinimum);
    private readonly List<ClusterProcess> _standbys = [];
    private ClusterProcess? _successor;
    private string? _directory;
    private DataEndpoint? _endpoint;

    /// <inheritdoc/>
    public ClusterProcess Leader => _successor ?? _first.Leader;

    /// <inheritdoc/>
    public string RunDirectory => _directory ?? _first.RunDirectory;

    /// <inheritdoc/>
    public DataEndpoint Endpoint => _endpoint ?? _first.Endpoint;

    /// <inheritdoc/>
    public bool HasEnded => !Leader.Runs;

    /// <inheritdoc/>
    public string Transcript => _first.Transcript + string.Concat(_standbys.Select(standby => standby.Transcript));

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken end)
    {
        await _first.StartAsync(end).ConfigureAwait(false);
        StartStandby();
        await StandsByAsync().WaitAsync(end).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> CanGoOnAsync()
    {
        // A standby that came too late for the run ends well without having stood by.
        ClusterProcess standby = _standbys[^1];
        if (await SaysAsync(standby, Folder).ConfigureAwait(false) is null && await standby.Ended.ConfigureAwait(false) != 0)
            throw Silent(standby, Folder);
        return Leader.Runs && standby.Runs;
    }

    /// <inheritdoc/>
    public async Task KillAsync() => await Leader.KillAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<long> GoOnAsync(CancellationToken end)
    {
        string directory = await StandsByAsync().WaitAsync(end).ConfigureAwait(false);
        ClusterProcess successor = _standbys[^1];
        string said = await LineAsync(successor, TakenOver).WaitAsync(end).ConfigureAwait(false);
        (_successor, _directory) = (successor, directory);
        int joins = said.IndexOf(Joins, StringComparison.Ordinal);
        _endpoint = DataEndpoint.Parse(said[(joins + Joins.Length)..]);
        StartStandby();
        int step = said.IndexOf(Step, StringComparison.Ordinal);
        return step < 0 ? 0 : long.Parse(said[(step + Step.Length)..joins], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync().ConfigureAwait(false);
        foreach (ClusterProcess standby in _standbys)
            await standby.DisposeAsync().ConfigureAwait(false);
    }

    private void StartStandby()
    {
        string number = (_standbys.Count + 1).ToString(CultureInfo.InvariantCulture);
        string place = Endpoint.IsUnix ? $"{listen}-{number}" : listen;
        _standbys.Add(launch.StartStandby($"standby {number}", Endpoint, place, $"{launch.Runs}-standby-{number}"));
    }

    /// <summary>Waits until the present standby stands by, and says where its checkpoints go.</summary>
    private async Task<string> StandsByAsync()
    {
        string standing = await LineAsync(_standbys[^1], Folder).ConfigureAwait(false);
        return standing[(standing.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..];
    }

    private static async Task<string> LineAsync(ClusterProcess process, string text) =>
        await SaysAsync(process, text).ConfigureAwait(false) ?? throw Silent(process, text);

    private static Task<string?> SaysAsync(ClusterProcess process, string text) => process.SaysAsync(line => line.Contains(text, StringComparison.Ordinal));

    private static ChaosException Silent(ClusterProcess process, string text) =>
        new($"the {process.Name} ended before it said '{text.TrimEnd()} …': {process.Lines.LastOrDefault(line => line.StartsWith("error", StringComparison.Ordinal)) ?? process.Lines.LastOrDefault()}");
}
