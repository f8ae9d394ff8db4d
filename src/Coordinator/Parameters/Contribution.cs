using Lockstep.Coordinator.Steps;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.Coordinator.Parameters;

/// <summary>A contribution that has arrived whole and undamaged.</summary>
/// <param name="Worker">Who sent it.</param>
/// <param name="Key">What it is.</param>
/// <param name="Checksum">Checksum of its bits.</param>
/// <param name="Sum">The bits, which now belong to the parameter server.</param>
public readonly record struct Contribution(long Worker, ContributionKey Key, BitsChecksum Checksum, NodeSum Sum);

/// <summary>Contributions to neighbouring blocks that lie in one gradient of a worker.</summary>
/// <param name="Worker">Who sent them.</param>
/// <param name="First">What the first one is; the others differ by the channel alone.</param>
/// <param name="Count">How many.</param>
/// <param name="Gradient">The worker's memory.</param>
public readonly record struct ContributionRun(long Worker, ContributionKey First, int Count, SharedGradient Gradient);
