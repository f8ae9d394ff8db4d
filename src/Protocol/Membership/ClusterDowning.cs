using Akka.Actor;
using Akka.Cluster;

namespace Lockstep.Protocol.Membership;

/// <summary>
/// Has Akka's cluster give up nodes by <see cref="DowningRule"/>. Akka's own resolvers give up both ends of a link that one side alone holds for broken, so that one worker
/// which hears nothing, its machine being overloaded, costs the cluster its coordinator.
/// </summary>
public sealed class ClusterDowning : IDowningProvider
{
    /// <summary>By the name of the type in the settings; Akka asks for these two.</summary>
    /// <param name="system">The node's actor system.</param>
    /// <param name="cluster">Its cluster, which is still being made.</param>
    public ClusterDowning(ActorSystem system, Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(cluster);
    }

    /// <summary>For singletons and shards alone, which we have none of.</summary>
    public TimeSpan DownRemovalMargin => TimeSpan.Zero;

    public Props DowningActorProps => Props.Create(() => new DowningActor());
}
