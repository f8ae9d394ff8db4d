using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Remote;
using Akka.Remote.Transport.DotNetty;
using Lockstep.Protocol.Messages;
using Lockstep.Protocol.Serialization;

namespace Lockstep.Protocol.Tests.Serialization;

/// <summary>Nodes under TLS, and strangers who try to be one.</summary>
public sealed class EncryptedNodesTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    // Akka tells a refused stranger of it now and then only after half a minute.
    private static readonly TimeSpan RefusalBound = TimeSpan.FromMinutes(2);

    private readonly ControlPlaneSecurity _security = TestIdentity.Security();
    private readonly List<ActorSystem> _systems = [];
    private readonly Channel<object> _received = Channel.CreateUnbounded<object>();
    private readonly ActorSystem _coordinator;

    public EncryptedNodesTests()
    {
        _coordinator = Node(ControlPlaneSettings.CoordinatorRole);
        _coordinator.ActorOf(Props.Create(() => new Ear(_received.Writer)), ControlPlaneSettings.CoordinatorActor);
        _coordinator.ActorOf(Props.Create(() => new Ear(_received.Writer)), "other");
    }

    private Address Address => ((ExtendedActorSystem)_coordinator).Provider.DefaultAddress;

    public void Dispose()
    {
        foreach (ActorSystem system in _systems)
            system.Dispose();
    }

    [Fact]
    public async Task A_cluster_forms_and_one_that_joins_late_is_taken_in_and_one_that_is_gone_is_downed()
    {
        Assert.Equal("akka.ssl.tcp", Address.Protocol);
        Cluster leader = Cluster.Get(_coordinator);
        await leader.JoinAsync(Address).WaitAsync(Bound);
        ActorSystem first = Node(ControlPlaneSettings.WorkerRole), late = Node(ControlPlaneSettings.WorkerRole);
        await Cluster.Get(first).JoinAsync(Address).WaitAsync(Bound);
        await Cluster.Get(late).JoinAsync(Address).WaitAsync(Bound);
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var unreachable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Of one node alone: on a busy machine another may be called unreachable for a moment, and is not gone.
        Address gone = Cluster.Get(late).SelfAddress;
        _coordinator.ActorOf(Props.Create(() => new Events(gone, unreachable, removed)));

        // Its end without a goodbye: the process that it stands for is gone.
        await late.Terminate();
        await unreachable.Task.WaitAsync(Bound);
        leader.Down(gone);
        await removed.Task.WaitAsync(Bound);

        first.ActorSelection(new RootActorPath(Address) / "user" / ControlPlaneSettings.CoordinatorActor).Tell(new LeaveRequested(1));
        Assert.Equal(new LeaveRequested(1), await Next());
    }

    [Fact]
    public async Task Strangers_are_not_heard_and_the_node_lives_on()
    {
        foreach (ActorSystem stranger in (ActorSystem[])[Stranger(null, encrypted: false), Stranger(TestIdentity.Certificate(), encrypted: true), Stranger(null, encrypted: true)])
        {
            Task refused = Refused(stranger);
            Speak(stranger);
            await refused;
        }
        Shout("GET / HTTP/1.1\r\n\r\n"u8);
        Shout([0xff, 0xff, 0xff, 0x7f, 1, 2, 3]);
        Shout([22, 3, 1, 0xff, 0xff, 0]);

        Node(ControlPlaneSettings.WorkerRole).ActorSelection(Path(ControlPlaneSettings.CoordinatorActor)).Tell(new LeaveRequested(7));
        Assert.Equal(new LeaveRequested(7), await Next());
        Assert.False(_received.Reader.TryRead(out object? more), $"{more} was heard");
    }

    [Fact]
    public async Task A_node_with_the_certificate_and_bad_manners_gets_nothing_but_its_listed_messages()
    {
        ActorSystem rude = Stranger(_security.Certificate, encrypted: true);
        ActorSelection coordinator = rude.ActorSelection(Path(ControlPlaneSettings.CoordinatorActor));
        IActorRef known = await coordinator.ResolveOne(Bound);
        foreach (ICanTell target in (ICanTell[])[coordinator, known])
        {
            target.Tell(PoisonPill.Instance, ActorRefs.NoSender);
            target.Tell(Kill.Instance, ActorRefs.NoSender);
            target.Tell(new Rudeness("json"), ActorRefs.NoSender);
            target.Tell(new Status.Failure(new InvalidOperationException("by name")), ActorRefs.NoSender);
        }
        // Nobody asked for it, so its path cannot be selected, though the one beside it can.
        rude.ActorSelection(Path("other")).Tell("to another");
        rude.ActorSelection(new RootActorPath(Address) / "user").Tell(PoisonPill.Instance);
        rude.ActorSelection(new RootActorPath(Address) / "system").Tell(PoisonPill.Instance);
        coordinator.Tell("a text");

        Assert.Equal("a text", await Next());
        Assert.Equal(known.Path.Uid, (await coordinator.ResolveOne(Bound)).Path.Uid);
        Assert.False(_received.Reader.TryRead(out object? more), $"{more} was heard");
        Assert.False(_coordinator.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task An_actor_that_a_peer_wants_to_make_here_is_not_made()
    {
        ActorSystem rude = Stranger(_security.Certificate, encrypted: true);
        Task refused = Refused(rude);
        rude.ActorOf(Props.Create<Deployed>().WithDeploy(Deploy.None.WithScope(new RemoteScope(Address))), "deployed");
        await refused;

        Node(ControlPlaneSettings.WorkerRole).ActorSelection(Path(ControlPlaneSettings.CoordinatorActor)).Tell(new LeaveRequested(7));
        Assert.Equal(new LeaveRequested(7), await Next());
        Assert.False(Deployed.Born);
    }

    private void Speak(ActorSystem stranger)
    {
        string path = Path(ControlPlaneSettings.CoordinatorActor).ToString();
        string scheme = ((ExtendedActorSystem)stranger).Provider.DefaultAddress.Protocol;
        stranger.ActorSelection(path.Replace(Address.Protocol, scheme, StringComparison.Ordinal)).Tell("from a stranger");
    }

    private void Shout(ReadOnlySpan<byte> bytes)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)Bound.TotalMilliseconds };
        socket.Connect(IPAddress.Loopback, Address.Port!.Value);
        socket.Send(bytes);
        socket.Shutdown(SocketShutdown.Send);
        byte[] answer = new byte[1000];
        while (socket.Receive(answer, SocketFlags.None, out SocketError error) > 0)
            Assert.Equal(SocketError.Success, error);
    }

    private ActorPath Path(string name) => new RootActorPath(Address) / "user" / name;

    private ActorSystem Node(string role)
    {
        ActorSystem node = ControlPlane.Start("127.0.0.1", 0, _security, role);
        _systems.Add(node);
        return node;
    }

    // With Akka's own settings: every serializer open, every peer trusted.
    private ActorSystem Stranger(X509Certificate2? certificate, bool encrypted)
    {
        Config settings = ConfigurationFactory.ParseString(
            $"akka {{ loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote, remote.handshake-timeout = 2s, remote.dot-netty.tcp {{ hostname = 127.0.0.1, port = 0, enable-ssl = {(encrypted ? "on" : "off")} }} }}");
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(settings));
        if (encrypted)
            setup = setup.And(new DotNettySslSetup(certificate ?? TestIdentity.Certificate(), suppressValidation: true, requireMutualAuthentication: certificate is not null));
        ActorSystem system = ActorSystem.Create(ControlPlaneSettings.SystemName, setup);
        _systems.Add(system);
        return system;
    }

    private async Task<object> Next() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Bound);

    /// <summary>Comes when the stranger hears that its connection is refused or ended.</summary>
    private static Task Refused(ActorSystem stranger)
    {
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stranger.EventStream.Subscribe(stranger.ActorOf(Props.Create(() => new Lifecycle(refused))), typeof(RemotingLifecycleEvent));
        return refused.Task.WaitAsync(RefusalBound);
    }

    private sealed record Rudeness(string Text);

    private sealed class Ear : ReceiveActor
    {
        public Ear(ChannelWriter<object> received) => ReceiveAny(message => received.TryWrite(message));
    }

    private sealed class Deployed : ReceiveActor
    {
        public Deployed() => Born = true;

        public static bool Born { get; private set; }
    }

    private sealed class Lifecycle : ReceiveActor
    {
        public Lifecycle(TaskCompletionSource refused)
        {
            Receive<AssociationErrorEvent>(_ => refused.TrySetResult());
            Receive<DisassociatedEvent>(_ => refused.TrySetResult());
            ReceiveAny(_ => { });
        }
    }

    private sealed class Events : ReceiveActor
    {
        public Events(Address node, TaskCompletionSource unreachable, TaskCompletionSource removed)
        {
            Cluster.Get(Context.System).Subscribe(Self, typeof(ClusterEvent.UnreachableMember), typeof(ClusterEvent.MemberRemoved));
            Receive<ClusterEvent.MemberRemoved>(gone => Tell(gone.Member, removed));
            Receive<ClusterEvent.UnreachableMember>(unheard => Tell(unheard.Member, unreachable));
            ReceiveAny(_ => { });

            void Tell(Member member, TaskCompletionSource seen)
            {
                if (member.Address.Equals(node))
                    seen.TrySetResult();
            }
        }
    }
}
