using Lockstep.Protocol.Messages;
using MessagePack;

namespace Lockstep.Protocol.DataPlane;

/// <summary>What somebody wants of a coordinator. Values are on the wire: they are never reused.</summary>
public enum GreetingRole
{
    /// <summary>To compute.</summary>
    Worker = 0,

    /// <summary>To hold checkpoints, and to take over when the coordinator is gone.</summary>
    Standby = 1,

    /// <summary>To know who leads at which term; it leaves once it is told.</summary>
    Inquirer = 2,
}

/// <summary>What a process says of itself in the data plane's hello, before it is admitted.</summary>
/// <param name="Host">Name of its machine.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="NumericContract">Its <see cref="ProtocolVersion.NumericContract"/>.</param>
/// <param name="KnownTerm">The highest term that it has seen of <paramref name="KnownRun"/>; 0 where it has seen none.</param>
/// <param name="KnownRun">The run that it worked for before; 0 where it is new.</param>
/// <param name="Role">What it wants.</param>
/// <param name="Endpoint">Where a standby's own data plane listens; null of all others.</param>
/// <param name="KnownVersion">The newest version of the parameters that it has received of <paramref name="KnownRun"/>: so many steps were decided. 0 where it has none.</param>
[MessagePackObject]
public sealed record NodeHello(
    [property: Key(0)] string Host,
    [property: Key(1)] int ProcessId,
    [property: Key(2)] int NumericContract,
    [property: Key(3)] long KnownTerm,
    [property: Key(4)] ulong KnownRun,
    [property: Key(5)] GreetingRole Role = GreetingRole.Worker,
    [property: Key(6)] string? Endpoint = null,
    [property: Key(7)] long KnownVersion = 0);

/// <summary>What an admitted process is told, so that it can start an actor system and join the cluster.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term.</param>
/// <param name="CoordinatorId">Who leads at that term.</param>
/// <param name="Incarnation">The newcomer's number in this run, never given twice; 0 of an inquirer.</param>
/// <param name="ControlHost">Host of the coordinator's actor system.</param>
/// <param name="ControlPort">Port of the coordinator's actor system.</param>
/// <param name="SharedFolder">Folder of the memory that both share; null where they share none.</param>
/// <param name="Standbys">Who would take over, in that order; null where nobody would.</param>
[MessagePackObject]
public sealed record CoordinatorWelcome(
    [property: Key(0)] ulong Run,
    [property: Key(1)] long Term,
    [property: Key(2)] Guid CoordinatorId,
    [property: Key(3)] long Incarnation,
    [property: Key(4)] string ControlHost,
    [property: Key(5)] int ControlPort,
    [property: Key(6)] string? SharedFolder,
    [property: Key(7)] StandbyAddress[]? Standbys = null);
