using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Lockstep.Protocol.Serialization;

namespace Lockstep.Protocol.Membership;

/// <summary>Gives up the nodes that <see cref="Downing"/> says, at its own node's cluster.</summary>
internal sealed class DowningActor : ReceiveActor, IWithTimers
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private Downing? _downing;

    public DowningActor() => Receive<Look>(_ => LookAround());

    public ITimerScheduler Timers { get; set; } = null!;

    private sealed record Look;

    protected override void PreStart() => Timers.StartPeriodicTimer("look", new Look(), Downing.LookInterval);

    private void LookAround()
    {
        Cluster cluster = Cluster.Get(Context.System);
        if (cluster.IsTerminated)
            return;
        bool leads = cluster.SelfRoles.Contains(ControlPlaneSettings.CoordinatorRole);
        _downing ??= new Downing(cluster.SelfUniqueAddress, keepsItself: leads);
        IReadOnlyList<UniqueAddress> lost = _downing.Look(Stopwatch.GetElapsedTime(_began), Sights(cluster, leads));
        if (lost.Count == 0)
            return;
        Context.GetLogger().Warning("{0} gives up {1}: out of reach for too long", cluster.SelfAddress, string.Join(", ", lost.Select(node => node.Address)));
        foreach (UniqueAddress node in lost)
            cluster.Down(node.Address);
    }

    private static NodeSight[] Sights(Cluster cluster, bool leads)
    {
        ClusterEvent.CurrentClusterState state = cluster.State;
        ImmutableHashSet<Member> unreachable = state.Unreachable;
        return
        [
            .. state.Members.Union(unreachable)
                .Where(member => member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Leaving)
                .Order(Member.AgeOrdering)
                .Select(member => new NodeSight(
                    member.UniqueAddress, !member.HasRole(ControlPlaneSettings.WorkerRole), member.Status is MemberStatus.Up or MemberStatus.Leaving, unreachable.Contains(member) && IsSilent(member.Address))),
        ];

        // Who hears others alone is of no use to the coordinator; to the others it is the coordinator that counts, and who has seen the newest state lives.
        bool IsSilent(Address node) =>
            cluster.FailureDetector.IsMonitoring(node)
                ? !cluster.FailureDetector.IsAvailable(node) && (leads || !state.SeenBy.Contains(node))
                : !state.SeenBy.Contains(node);
    }
}
