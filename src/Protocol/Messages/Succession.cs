using MessagePack;

namespace Lockstep.Protocol.Messages;

/// <summary>A standby, and where its data plane listens once it leads.</summary>
/// <param name="Number">Its number in this run: of those who are left the lowest takes over.</param>
/// <param name="Endpoint">HOST:PORT, or unix:PATH.</param>
[MessagePackObject]
public sealed record StandbyAddress([property: Key(0)] long Number, [property: Key(1)] string Endpoint);

/// <summary>An admitted standby presents itself to the coordinator. Repeated until it is answered with the job.</summary>
[MessagePackObject]
public sealed record RegisterStandby(
    [property: Key(0)] long Number, [property: Key(1)] string Host, [property: Key(2)] int ProcessId) : IWireMessage;

/// <summary>The standby has the job and data of the same fingerprint, and can receive checkpoints.</summary>
[MessagePackObject]
public sealed record StandbyReady([property: Key(0)] long Number, [property: Key(1)] string JobSha256) : IWireMessage;

/// <summary>Who would take over, in that order; to all workers and standbys whenever one comes or goes.</summary>
[MessagePackObject]
public sealed record SuccessionChanged(
    [property: Key(0)] ulong Run, [property: Key(1)] long Term, [property: Key(2)] StandbyAddress[] Standbys) : IWireMessage;
