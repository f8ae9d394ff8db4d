using Akka.Cluster;

namespace Lockstep.Protocol.Membership;

/// <summary>A node of the cluster, as one of them sees it at one moment.</summary>
/// <param name="Node">Which.</param>
/// <param name="MayLead">Whether it is a coordinator or a standby, and no worker.</param>
/// <param name="Counts">Whether it is up, or on its way out; who is still joining does not count.</param>
/// <param name="IsSilent">
/// Whether it is gone, as far as the one who looks can tell: somebody does not reach it, and it does not answer this one either; to all but the coordinator it has not seen the newest state of the cluster besides.
/// </param>
public readonly record struct NodeSight(UniqueAddress Node, bool MayLead, bool Counts, bool IsSilent);
