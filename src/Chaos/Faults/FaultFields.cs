namespace Lockstep.Chaos.Faults;

/// <summary>What a fault of some kind says of itself beside its step.</summary>
[Flags]
public enum FaultFields
{
    None = 0,

    /// <summary>The worker that it strikes, by its place from 0.</summary>
    Target = 1,

    /// <summary>How long it lasts.</summary>
    Milliseconds = 2,

    /// <summary>Which way the bytes go.</summary>
    Direction = 4,

    /// <summary>A number whose meaning is the kind's.</summary>
    Amount = 8,

    /// <summary>A bit of a byte.</summary>
    Bit = 16,

    /// <summary>A layer of the network, and a leaf among those that the worker has.</summary>
    Place = 32,
}
