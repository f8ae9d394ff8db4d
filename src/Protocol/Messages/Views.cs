using MessagePack;

namespace Lockstep.Protocol.Messages;

/// <summary>A run of leaves which is a node of the sum tree.</summary>
[MessagePackObject]
public readonly record struct LeafRun([property: Key(0)] int First, [property: Key(1)] int Count);

/// <summary>The nodes of one worker.</summary>
[MessagePackObject]
public sealed record WorkerShare([property: Key(0)] long Incarnation, [property: Key(1)] LeafRun[] Nodes);

/// <summary>
/// Who computes which node. Holds for every step from <paramref name="FromStep"/> on, until a view with a higher number
/// does; at a step where two hold, the higher number counts.
/// </summary>
[MessagePackObject]
public sealed record ViewPublished(
    [property: Key(0)] ulong Run,
    [property: Key(1)] long Term,
    [property: Key(2)] int Number,
    [property: Key(3)] long FromStep,
    [property: Key(4)] WorkerShare[] Shares) : IWireMessage;
