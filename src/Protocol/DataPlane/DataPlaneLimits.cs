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
}
