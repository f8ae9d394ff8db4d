using System.Security.Cryptography.X509Certificates;
using System.Text;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote;
using Akka.Remote.Transport.DotNetty;
using Akka.Serialization;
using Lockstep.Protocol.Serialization;

namespace Lockstep.Cluster.Tests.Security;

/// <summary>An actor system with Akka's own settings, open serializers among them, that speaks to a coordinator's control port.</summary>
internal sealed class ControlPlaneStranger : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly ActorSystem _system;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Address _coordinator;

    /// <param name="coordinatorPort">The control port on loopback.</param>
    /// <param name="encrypted">Whether it speaks TLS.</param>
    /// <param name="certificate">What it shows; null for nothing.</param>
    public ControlPlaneStranger(int coordinatorPort, bool encrypted, X509Certificate2? certificate)
    {
        Config settings = ConfigurationFactory.ParseString($$"""
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              actor {
                provider = remote
                serializers {
                  nonsense = "{{typeof(NonsenseSerializer).FullName}}, {{typeof(NonsenseSerializer).Assembly.GetName().Name}}"
                  hyperion = "{{typeof(ForgedHyperion).FullName}}, {{typeof(ForgedHyperion).Assembly.GetName().Name}}"
                }
                serialization-bindings {
                  "{{typeof(Nonsense).FullName}}, {{typeof(Nonsense).Assembly.GetName().Name}}" = nonsense
                  "{{typeof(Bundle).FullName}}, {{typeof(Bundle).Assembly.GetName().Name}}" = hyperion
                }
              }
              remote {
                handshake-timeout = 2s
                dot-netty.tcp {
                  hostname = 127.0.0.1
                  port = 0
                  maximum-frame-size = 20000000b
                  send-buffer-size = 20000000b
                  receive-buffer-size = 20000000b
                  enable-ssl = {{(encrypted ? "on" : "off")}}
                }
              }
            }
            """);
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(settings));
        if (encrypted)
            setup = setup.And(new DotNettySslSetup(certificate ?? Own(), suppressValidation: true, requireMutualAuthentication: certificate is not null));
        _system = ActorSystem.Create(ControlPlaneSettings.SystemName, setup);
        _coordinator = new Address(ControlPlane.Scheme(encrypted), ControlPlaneSettings.SystemName, "127.0.0.1", coordinatorPort);
        _system.EventStream.Subscribe(_system.ActorOf(Props.Create(() => new Lifecycle(_ended))), typeof(RemotingLifecycleEvent));
    }

    /// <summary>Comes when its connection is refused or ended.</summary>
    public Task EndedAsync() => _ended.Task.WaitAsync(Bound);

    /// <summary>Sends to an actor of the coordinator's.</summary>
    public void Tell(object message, string path = "/user/" + ControlPlaneSettings.CoordinatorActor) => _system.ActorSelection(_coordinator + path).Tell(message);

    /// <summary>Wants an actor of its own to live in the coordinator.</summary>
    public void Deploy() => _system.ActorOf(Props.Create<Lodger>().WithDeploy(Akka.Actor.Deploy.None.WithScope(new RemoteScope(_coordinator))), "lodger");

    /// <summary>Waits for an answer, so that all that was sent before has arrived.</summary>
    public Task AnsweredAsync() => _system.ActorSelection(_coordinator + "/user/" + ControlPlaneSettings.CoordinatorActor).ResolveOne(Bound);

    public void Dispose() => _system.Dispose();

    private static X509Certificate2 Own() => Transport.Security.PlaneIdentity.OfToken(Transport.Joining.JoinToken.Generate()).Certificate;

    public sealed record Nonsense;

    public sealed record Bundle;

    public sealed record Unlisted(string Text);

    /// <summary>The control plane's own serializer's number, with a kind that it does not know.</summary>
    public sealed class NonsenseSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override int Identifier => WireSerializer.SerializerId;

        public override string Manifest(object o) => "no-such-kind";

        public override byte[] ToBinary(object obj) => [1, 2, 3];

        public override object FromBinary(byte[] bytes, string manifest) => throw new NotSupportedException();
    }

    /// <summary>Stands for Hyperion, by its number: any object graph, with the names of its types.</summary>
    public sealed class ForgedHyperion(ExtendedActorSystem system) : Serializer(system)
    {
        public override int Identifier => -5;

        public override bool IncludeManifest => false;

        public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes("\u00ffSystem.IO.FileInfo, System.Runtime");

        public override object FromBinary(byte[] bytes, Type type) => throw new NotSupportedException();
    }

    private sealed class Lodger : ReceiveActor;

    private sealed class Lifecycle : ReceiveActor
    {
        public Lifecycle(TaskCompletionSource ended)
        {
            Receive<AssociationErrorEvent>(_ => ended.TrySetResult());
            Receive<DisassociatedEvent>(_ => ended.TrySetResult());
            ReceiveAny(_ => { });
        }
    }
}
