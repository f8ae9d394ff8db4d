using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using Akka.Routing;
using Akka.Serialization;
using Lockstep.Protocol.Serialization;

namespace Lockstep.Protocol.Tests.Serialization;

public sealed class ClosedSerializersTests(ClosedSerializersTests.Node node) : IClassFixture<ClosedSerializersTests.Node>
{
    // Every serializer that a node has, by the name in its settings. Whatever else Akka adds one day fails here first.
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["lockstep"] = nameof(WireSerializer),
        ["json"] = nameof(RefusingSerializer),
        ["proto"] = nameof(RefusingSerializer),
        ["daemon-create"] = nameof(RefusingSerializer),
        ["reliable-delivery"] = nameof(RefusingSerializer),
        ["akka-misc"] = nameof(NodeMessageSerializer),
        ["akka-system-msg"] = nameof(DeathWatchSerializer),
        ["bytes"] = "ByteArraySerializer",
        ["primitive"] = "PrimitiveSerializers",
        ["akka-containers"] = "MessageContainerSerializer",
        ["akka-cluster"] = "ClusterMessageSerializer",
    };

    private readonly ExtendedActorSystem _system = node.System;

    private Akka.Serialization.Serialization Serialization => _system.Serialization;

    [Fact]
    public void A_node_has_the_listed_serializers_and_no_other()
    {
        Config serializers = _system.Settings.Config.GetConfig("akka.actor.serializers");
        Dictionary<string, string> found = serializers.AsEnumerable().ToDictionary(
            pair => pair.Key, pair => pair.Value.GetString().Split(',')[0].Split('.')[^1]);

        Assert.Equal(Expected.OrderBy(pair => pair.Key), found.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Our_messages_go_through_our_serializer() =>
        Assert.All(WireManifests.All.Values, type => Assert.IsType<WireSerializer>(Serialization.FindSerializerForType(type)));

    [Theory]
    [InlineData(typeof(object))]
    [InlineData(typeof(Exception))]
    [InlineData(typeof(List<string>))]
    [InlineData(typeof(Dictionary<string, object>))]
    [InlineData(typeof(Uri))]
    [InlineData(typeof(double))]
    [InlineData(typeof(Messages.LeafRun))]
    [InlineData(typeof(Google.Protobuf.WellKnownTypes.Any))]
    public void Everything_else_meets_the_refusal(Type type) => Assert.IsType<RefusingSerializer>(Serialization.FindSerializerForType(type));

    [Fact]
    public void What_the_settings_bind_is_bound_to_a_listed_serializer()
    {
        Config bindings = _system.Settings.Config.GetConfig("akka.actor.serialization-bindings");
        Assert.NotEmpty(bindings.AsEnumerable());
        Assert.All(bindings.AsEnumerable(), pair =>
        {
            Type? type = Type.GetType(pair.Key.Trim('"'));
            Assert.NotNull(type);
            Assert.Contains(Serialization.FindSerializerForType(type).GetType().Name, Expected.Values);
        });
    }

    public static TheoryData<object> Harmful =>
    [
        PoisonPill.Instance, Kill.Instance, new Status.Failure(new InvalidOperationException("x")), ConfigurationFactory.ParseString("a = 1"),
        new RoundRobinPool(3), new RemoteScope(new Address("akka.tcp", "other", "h", 1)), new InvalidOperationException("x"), new Stranger(),
    ];

    [Theory]
    [MemberData(nameof(Harmful))]
    public void What_ends_actors_or_carries_types_does_not_leave(object message) =>
        Assert.Throws<SerializationException>(() => Serialization.Serialize(message));

    // Identifiers of Akka's own serializers: 1 JSON, 2 protocol buffers, 3 remote deployment, 16 its remote messages, 22 its system messages, 36 reliable delivery.
    [Theory]
    [InlineData(1, "System.IO.FileInfo, System.Runtime")]
    [InlineData(1, "")]
    [InlineData(2, "Google.Protobuf.WellKnownTypes.Any, Google.Protobuf")]
    [InlineData(3, "Akka.Remote.DaemonMsgCreate, Akka.Remote")]
    [InlineData(3, "")]
    [InlineData(16, "PP")]
    [InlineData(16, "K")]
    [InlineData(16, "IR")]
    [InlineData(16, "SF")]
    [InlineData(16, "SS")]
    [InlineData(16, "EX")]
    [InlineData(16, "AR")]
    [InlineData(16, "CF")]
    [InlineData(16, "RORRC")]
    [InlineData(16, "RORRP")]
    [InlineData(22, "Akka.Dispatch.SysMsg.Terminate, Akka")]
    [InlineData(22, "Akka.Dispatch.SysMsg.Failed, Akka")]
    [InlineData(22, "Akka.Dispatch.SysMsg.Recreate, Akka")]
    [InlineData(36, "a")]
    [InlineData(99, "anything")]
    [InlineData(-1, "anything")]
    [InlineData(WireSerializer.SerializerId, "System.IO.FileInfo, System.Runtime")]
    public void What_a_peer_sends_for_a_closed_serializer_is_refused_whatever_it_holds(int serializer, string manifest)
    {
        foreach (byte[] bytes in (byte[][])[[], [0xff, 0xff], Encoding.UTF8.GetBytes("{\"$type\":\"System.IO.FileInfo, System.Runtime\"}")])
            Assert.Throws<SerializationException>(() => Serialization.Deserialize(bytes, serializer, manifest));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(22)]
    [InlineData(36)]
    [InlineData(WireSerializer.SerializerId)]
    public void A_type_that_a_peer_names_is_not_even_looked_for(int serializer)
    {
        string assembly = $"Never.Heard.Of.{serializer}";
        bool wasSought = false;
        ResolveEventHandler watch = (_, sought) =>
        {
            wasSought |= sought.Name.StartsWith(assembly, StringComparison.Ordinal);
            return null;
        };
        AppDomain.CurrentDomain.AssemblyResolve += watch;
        try
        {
            Assert.Throws<SerializationException>(() => Serialization.Deserialize([], serializer, $"Some.Type, {assembly}"));
            Assert.False(wasSought, $"Serializer {serializer} looked for a type that a peer named.");

            Assert.Null(Type.GetType($"Some.Type, {assembly}"));
            Assert.True(wasSought, "The watch does not see lookups.");
        }
        finally
        {
            AppDomain.CurrentDomain.AssemblyResolve -= watch;
        }
    }

    [Fact]
    public void The_refusal_works_both_ways()
    {
        foreach (RefusingSerializer refusing in (RefusingSerializer[])[new(_system), new(_system, Config.Empty)])
        {
            Assert.Equal(1, refusing.Identifier);
            Assert.Contains(nameof(Stranger), Assert.Throws<SerializationException>(() => refusing.ToBinary(new Stranger())).Message, StringComparison.Ordinal);
            Assert.Throws<SerializationException>(() => refusing.Manifest(new Stranger()));
            Assert.Throws<SerializationException>(() => refusing.FromBinary([1], "System.String"));
            Assert.Throws<SerializationException>(() => refusing.FromBinary([1], typeof(string)));
        }
    }

    /// <summary>One node for all tests: they ask it and change nothing.</summary>
    public sealed class Node : IDisposable
    {
        public ExtendedActorSystem System { get; } = (ExtendedActorSystem)ActorSystem.Create(
            ControlPlaneSettings.SystemName, ConfigurationFactory.ParseString(ControlPlaneSettings.Hocon("127.0.0.1", 0, isEncrypted: false, ControlPlaneSettings.WorkerRole)));

        public void Dispose() => System.Dispose();
    }

    private sealed record Stranger;
}
