using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Lockstep.Protocol.Messages;
using Lockstep.Protocol.Serialization;

namespace Lockstep.Protocol.Tests.Serialization;

/// <summary>Real nodes on loopback. Order between two actors is kept, so what was refused cannot still be on its way when its successor has arrived.</summary>
public sealed class TwoNodesTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly ActorSystem _coordinator = Node(ControlPlaneSettings.CoordinatorRole);
    private readonly ActorSystem _worker = Node(ControlPlaneSettings.WorkerRole);
    private readonly Channel<object> _received = Channel.CreateUnbounded<object>();

    public void Dispose()
    {
        _worker.Dispose();
        _coordinator.Dispose();
    }

    [Fact]
    public async Task Two_nodes_become_one_cluster_and_hear_of_the_end_of_each_others_actors()
    {
        Cluster leader = Cluster.Get(_coordinator), follower = Cluster.Get(_worker);
        Task both = Task.WhenAll(leader.JoinAsync(leader.SelfAddress), follower.JoinAsync(leader.SelfAddress));
        await both.WaitAsync(Bound);

        IActorRef remote = await Remote(_coordinator).ResolveOne(Bound);
        var ended = new TaskCompletionSource<Terminated>(TaskCreationOptions.RunContinuationsAsynchronously);
        _coordinator.ActorOf(Props.Create(() => new Watcher(remote, ended)));
        // Its answer shows that the watch, which was sent first, has arrived.
        remote.Tell(new LeaveRequested(1));
        Assert.Equal(new LeaveRequested(1), await Next());
        remote.Tell(new LeaveRequested(Ear.Stop));

        Assert.Equal(remote, (await ended.Task.WaitAsync(Bound)).ActorRef);
    }

    [Fact]
    public async Task A_listed_message_arrives_and_an_unlisted_one_does_not_leave()
    {
        ActorSelection remote = Remote(_coordinator);
        var view = new ViewPublished(1, 2, 3, 4, [new WorkerShare(5, [new LeafRun(0, 8)])]);

        remote.Tell(new Stranger("never"));
        remote.Tell(new List<string> { "never" });
        remote.Tell(PoisonPill.Instance);
        remote.Tell(Kill.Instance);
        remote.Tell(view);

        Assert.Equivalent(view, await Next(), strict: true);
    }

    [Fact]
    public async Task What_a_node_with_other_settings_sends_is_refused_and_the_connection_lives_on()
    {
        using ActorSystem foreign = ActorSystem.Create(ControlPlaneSettings.SystemName, ConfigurationFactory.ParseString(
            "akka { loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }"));
        ActorSelection remote = Remote(foreign);

        remote.Tell(new Stranger("json"));
        remote.Tell(new InvalidOperationException("json"));
        remote.Tell(new Status.Failure(new InvalidOperationException("an exception by name")));
        remote.Tell(PoisonPill.Instance);
        remote.Tell("a text");

        Assert.Equal("a text", await Next());
    }

    private static ActorSystem Node(string role) => ActorSystem.Create(
        ControlPlaneSettings.SystemName,
        ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(ConfigurationFactory.ParseString(ControlPlaneSettings.Hocon("127.0.0.1", 0, isEncrypted: false, role))));

    // The ear of the worker, as another node reaches it.
    private ActorSelection Remote(ActorSystem from)
    {
        IActorRef ear = _worker.ActorOf(Props.Create(() => new Ear(_received.Writer)), ControlPlaneSettings.CoordinatorActor);
        Address address = ((ExtendedActorSystem)_worker).Provider.DefaultAddress;
        return from.ActorSelection(new RootActorPath(address) / ear.Path.Elements);
    }

    private async Task<object> Next() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Bound);

    private sealed record Stranger(string Text);

    private sealed class Ear : ReceiveActor
    {
        public const long Stop = -1;

        public Ear(ChannelWriter<object> received)
        {
            Receive<LeaveRequested>(message => message.Incarnation == Stop, _ => Context.Stop(Self));
            ReceiveAny(message => received.TryWrite(message));
        }
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef watched, TaskCompletionSource<Terminated> ended)
        {
            Context.Watch(watched);
            Receive<Terminated>(ended.SetResult);
        }
    }
}
