using Akka.Actor;
using Lockstep.Coordinator.Succession;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.Coordinator.Standbys;

/// <summary>What the coordinator knows of one standby. Belongs to the coordinator's actor.</summary>
internal sealed class StandbyEntry(NodeHello hello, StandbyConnection connection)
{
    /// <summary>Host and process, for people.</summary>
    public string Name { get; } = $"{hello.Host}:{hello.ProcessId}";

    /// <summary>Where its data plane listens.</summary>
    public string Endpoint { get; } = hello.Endpoint!;

    public StandbyConnection Connection { get; } = connection;

    /// <summary>Its actor; null until it has registered.</summary>
    public IActorRef? Actor { get; set; }

    /// <summary>Sends it checkpoints; null until it has the job and the data.</summary>
    public ReplicaSender? Sender { get; set; }

    /// <summary>Step of the newest checkpoint that it has; null before the first.</summary>
    public long? Held { get; set; }

    /// <summary>Whether this is the process that passed the handshake of the data plane.</summary>
    public bool Is(string host, int processId) => hello.Host == host && hello.ProcessId == processId;
}

/// <summary>The standbys that are there, and those whose fate is not known. Belongs to the coordinator's actor.</summary>
internal sealed class StandbyRoster
{
    private readonly SortedDictionary<long, StandbyEntry> _present = [];
    private readonly Dictionary<string, string> _lost = [];

    /// <summary>Those that are there.</summary>
    public IReadOnlyCollection<StandbyEntry> Present => _present.Values;

    /// <summary>Endpoints of those that were lost and may live.</summary>
    public IReadOnlyCollection<string> Lost => _lost.Keys;

    public void Add(long number, StandbyEntry standby)
    {
        _present.Add(number, standby);
        _lost.Remove(standby.Endpoint);
    }

    public StandbyEntry? Find(long number) => _present.GetValueOrDefault(number);

    /// <summary>Takes one out; it may live.</summary>
    public StandbyEntry? Lose(long number)
    {
        if (!_present.Remove(number, out StandbyEntry? standby))
            return null;
        _lost[standby.Endpoint] = standby.Name;
        return standby;
    }

    /// <summary>Takes note of what a lost one answered.</summary>
    public void Answered(string endpoint, PeerAnswer answer)
    {
        if (answer.State == PeerState.Gone)
            _lost.Remove(endpoint);
    }

    /// <summary>Whether every standby that takes checkpoints has that of a step.</summary>
    public bool AllHold(long step) => _present.Values.All(standby => standby.Sender is null || standby.Held >= step);
}
