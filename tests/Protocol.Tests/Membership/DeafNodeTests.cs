using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Remote;
using Akka.Remote.Transport;
using Lockstep.Protocol.Serialization;

namespace Lockstep.Protocol.Tests.Membership;

/// <summary>Real nodes on loopback, of which one hears nothing from the coordinator any more, while everybody else hears everybody.</summary>
public sealed class DeafNodeTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    private readonly List<ActorSystem> _systems = [];

    public void Dispose()
    {
        foreach (ActorSystem system in _systems)
            system.Dispose();
    }

    [Theory]
    [InlineData(ControlPlaneSettings.WorkerRole)]
    [InlineData(ControlPlaneSettings.StandbyRole)]
    public async Task Who_hears_nothing_from_the_coordinator_is_given_up_and_nobody_else_is(string role)
    {
        ActorSystem coordinator = Node(ControlPlaneSettings.CoordinatorRole);
        ActorSystem[] workers = [Node(ControlPlaneSettings.WorkerRole), Node(ControlPlaneSettings.WorkerRole)];
        ActorSystem deaf = Node(role);
        Address leader = Cluster.Get(coordinator).SelfAddress;
        await Cluster.Get(coordinator).JoinAsync(leader).WaitAsync(Bound);
        foreach (ActorSystem other in (ActorSystem[])[.. workers, deaf])
            await Cluster.Get(other).JoinAsync(leader).WaitAsync(Bound);
        var downed = new ConcurrentBag<Address>();
        var removed = new TaskCompletionSource<Address>(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (ActorSystem system in (ActorSystem[])[coordinator, .. workers])
            system.ActorOf(Props.Create(() => new Witness(downed, removed)));

        RemoteTransport transport = ((IRemoteActorRefProvider)((ExtendedActorSystem)deaf).Provider).Transport;
        Assert.True(await transport.ManagementCommand(new SetThrottle(leader, ThrottleTransportAdapter.Direction.Receive, Blackhole.Instance)).WaitAsync(Bound));

        Address gone = Cluster.Get(deaf).SelfAddress;
        Assert.Equal(gone, await removed.Task.WaitAsync(Bound));
        Assert.All(downed, address => Assert.Equal(gone, address));
        Assert.False(Cluster.Get(coordinator).IsTerminated);
        Assert.All(workers, worker => Assert.False(Cluster.Get(worker).IsTerminated));
    }

    private ActorSystem Node(string role)
    {
        Config settings = ConfigurationFactory.ParseString("akka.remote.dot-netty.tcp.applied-adapters = [trttl]")
            .WithFallback(ConfigurationFactory.ParseString(ControlPlaneSettings.Hocon("127.0.0.1", 0, isEncrypted: false, role)));
        ActorSystem node = ActorSystem.Create(ControlPlaneSettings.SystemName, settings);
        _systems.Add(node);
        return node;
    }

    private sealed class Witness : ReceiveActor
    {
        public Witness(ConcurrentBag<Address> downed, TaskCompletionSource<Address> removed)
        {
            Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberDowned), typeof(ClusterEvent.MemberRemoved));
            Receive<ClusterEvent.MemberDowned>(down => downed.Add(down.Member.Address));
            Receive<ClusterEvent.MemberRemoved>(down => removed.TrySetResult(down.Member.Address));
            ReceiveAny(_ => { });
        }
    }
}
