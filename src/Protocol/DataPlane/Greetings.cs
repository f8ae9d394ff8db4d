using MessagePack;

namespace Lockstep.Protocol.DataPlane;

/// <summary>What a worker says of itself in the data plane's hello, before it is admitted.</summary>
/// <param name="Host">Name of its machine.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="NumericContract">Its <see cref="ProtocolVersion.NumericContract"/>.</param>
/// <param name="KnownTerm">The highest term that it has seen of <paramref name="KnownRun"/>; 0 where it has seen none.</param>
/// <param name="KnownRun">The run that it worked for before; 0 where it is new.</param>
[MessagePackObject]
public sealed record WorkerHello(
    [property: Key(0)] string Host,
    [property: Key(1)] int ProcessId,
    [property: Key(2)] int NumericContract,
    [property: Key(3)] long KnownTerm,
    [property: Key(4)] ulong KnownRun);

/// <summary>What an admitted worker is told, so that it can start an actor system and join the cluster.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term.</param>
/// <param name="CoordinatorId">Who leads at that term.</param>
/// <param name="Incarnation">The worker's number in this run, never given twice.</param>
/// <param name="ControlHost">Host of the coordinator's actor system.</param>
/// <param name="ControlPort">Port of the coordinator's actor system.</param>
/// <param name="SharedFolder">Folder of the memory that both share; null where they share none.</param>
[MessagePackObject]
public sealed record CoordinatorWelcome(
    [property: Key(0)] ulong Run,
    [property: Key(1)] long Term,
    [property: Key(2)] Guid CoordinatorId,
    [property: Key(3)] long Incarnation,
    [property: Key(4)] string ControlHost,
    [property: Key(5)] int ControlPort,
    [property: Key(6)] string? SharedFolder);
