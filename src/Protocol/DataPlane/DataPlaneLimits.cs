namespace Lockstep.Protocol.DataPlane;

/// <summary>Limits of the data plane that both sides share.</summary>
public static class DataPlaneLimits
{
    /// <summary>Longest payload of a frame in bytes: a block of parameters has 256 KiB.</summary>
    public const int PayloadBytes = 1 << 20;

    /// <summary>Contributions that a worker may send before the parameter server has dealt with any: at most 16 MiB of gradients.</summary>
    public const int CreditFrames = 64;

    /// <summary>Frames that may wait to be sent: two versions of a model of 500 million parameters.</summary>
    public const int QueuedFrames = 16_384;

    /// <summary>Payload of a <see cref="FrameKind.ReplicaChunk"/> in bytes; only the last one of a file is shorter.</summary>
    public const int ReplicaChunkBytes = 1 << 18;

    /// <summary>Longest <see cref="ReplicaOffer"/> in bytes.</summary>
    public const int ReplicaOfferBytes = 1 << 12;

    /// <summary>Standbys that a coordinator admits at once.</summary>
    public const int Standbys = 8;

    /// <summary>Longest text of an endpoint.</summary>
    public const int EndpointCharacters = 300;
}
