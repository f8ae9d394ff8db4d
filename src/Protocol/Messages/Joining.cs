using MessagePack;

namespace Lockstep.Protocol.Messages;

/// <summary>An admitted worker presents itself to the coordinator. Repeated until it is answered.</summary>
[MessagePackObject]
public sealed record RegisterWorker(
    [property: Key(0)] long Incarnation,
    [property: Key(1)] string Host,
    [property: Key(2)] int ProcessId,
    [property: Key(3)] int Threads,
    [property: Key(4)] int VectorBits) : IWireMessage;

/// <summary>The coordinator hands out the job, as bytes with their hash.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term.</param>
/// <param name="Job">The resolved job file, UTF-8.</param>
/// <param name="JobSha256">SHA-256 of <paramref name="Job"/>, lower-case hexadecimal.</param>
/// <param name="DataFingerprint">What the worker's own data must have.</param>
/// <param name="DataFolder">The folder that relative paths are tried against first: the job file's on the coordinator's machine.</param>
/// <param name="Statistics">Fitted statistics of the transforms, a .safetensors file as bytes; empty where there are none.</param>
[MessagePackObject]
public sealed record JobOffered(
    [property: Key(0)] ulong Run,
    [property: Key(1)] long Term,
    [property: Key(2)] byte[] Job,
    [property: Key(3)] string JobSha256,
    [property: Key(4)] string DataFingerprint,
    [property: Key(5)] string DataFolder,
    [property: Key(6)] byte[] Statistics) : IWireMessage;

/// <summary>The worker has the job and data of the same fingerprint, and can receive parameters.</summary>
[MessagePackObject]
public sealed record JobAccepted([property: Key(0)] long Incarnation, [property: Key(1)] string JobSha256) : IWireMessage;

/// <summary>The worker cannot work on this job.</summary>
/// <param name="Incarnation">The worker.</param>
/// <param name="Reason">A sentence that says what is wrong and what to do.</param>
[MessagePackObject]
public sealed record JobDeclined([property: Key(0)] long Incarnation, [property: Key(1)] string Reason) : IWireMessage;

/// <summary>The coordinator does not take this worker.</summary>
[MessagePackObject]
public sealed record WorkerRefused([property: Key(0)] long Incarnation, [property: Key(1)] string Reason) : IWireMessage;
