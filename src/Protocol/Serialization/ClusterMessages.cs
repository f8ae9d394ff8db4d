using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace Lockstep.Protocol.Serialization;

/// <summary>
/// The part of Akka's own remote messages that this cluster lives on: heartbeats between nodes and the question who an
/// actor is. The rest (ends of other nodes' actors, routers, settings, exceptions of any type that a peer names) is refused.
/// </summary>
public sealed class NodeMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly HashSet<string> Allowed = ["ID", "AID", "RWHB", "RWHR"];

    private readonly MiscMessageSerializer _akka = new(system);

    /// <summary>The identifier of the serializer that it stands before.</summary>
    public override int Identifier => 16;

    /// <exception cref="SerializationException">The message may not leave.</exception>
    public override string Manifest(object o) => o is Identify or ActorIdentity || IsHeartbeat(o)
        ? Admitted(_akka.Manifest(o))
        : throw new SerializationException($"{o.GetType().FullName} may not leave this process: nodes do not send it to each other.");

    /// <exception cref="SerializationException">The message may not leave.</exception>
    public override byte[] ToBinary(object obj)
    {
        Manifest(obj);
        return _akka.ToBinary(obj);
    }

    /// <exception cref="SerializationException">The message is none that nodes send to each other.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => _akka.FromBinary(bytes, Admitted(manifest));

    // Both types are Akka's own secret, but their outer type is not.
    private static bool IsHeartbeat(object message) => message.GetType().DeclaringType == typeof(RemoteWatcher);

    private static string Admitted(string manifest) => Allowed.Contains(manifest)
        ? manifest
        : throw new SerializationException($"A message of Akka's kind '{WireManifests.Shorten(manifest)}' was refused: nodes do not send it to each other.");
}

/// <summary>
/// The part of Akka's system messages that nodes send to each other: watching an actor and hearing of its end. The rest
/// ends or restarts actors, or carries exceptions of any type that a peer names, and is refused.
/// </summary>
public sealed class DeathWatchSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Dictionary<string, Type> Types = new()
    {
        ["watch"] = typeof(Watch),
        ["unwatch"] = typeof(Unwatch),
        ["ended"] = typeof(DeathWatchNotification),
    };

    private readonly SystemMessageSerializer _akka = new(system);

    /// <summary>The identifier of the serializer that it stands before.</summary>
    public override int Identifier => 22;

    /// <exception cref="SerializationException">The message may not leave.</exception>
    public override string Manifest(object o) => Types.FirstOrDefault(pair => pair.Value == o.GetType()).Key
        ?? throw new SerializationException($"{o.GetType().FullName} may not leave this process: nodes do not send it to each other.");

    /// <exception cref="SerializationException">The message may not leave.</exception>
    public override byte[] ToBinary(object obj)
    {
        Manifest(obj);
        return _akka.ToBinary(obj);
    }

    /// <exception cref="SerializationException">The message is none that nodes send to each other.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => Types.TryGetValue(manifest, out Type? type)
        ? _akka.FromBinary(bytes, type)
        : throw new SerializationException($"A system message '{WireManifests.Shorten(manifest)}' was refused: nodes do not send it to each other.");
}
