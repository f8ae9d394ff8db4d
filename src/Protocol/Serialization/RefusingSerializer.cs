using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Lockstep.Protocol.Serialization;

/// <summary>
/// Stands where Akka keeps its JSON serializer, and others that would build whatever type a peer names: it refuses both
/// ways. It takes manifests as text, because Akka looks the name up as a type for serializers that do not.
/// </summary>
public sealed class RefusingSerializer : SerializerWithStringManifest
{
    public RefusingSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    /// <summary>The form that Akka asks for where a serializer has settings.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config config)
        : base(system) => ArgumentNullException.ThrowIfNull(config);

    /// <summary>The identifier of the JSON serializer.</summary>
    public override int Identifier => 1;

    /// <exception cref="SerializationException">Always.</exception>
    public override string Manifest(object o) => throw Refusal(o);

    /// <exception cref="SerializationException">Always.</exception>
    public override byte[] ToBinary(object obj) => throw Refusal(obj);

    /// <exception cref="SerializationException">Always.</exception>
    public override object FromBinary(byte[] bytes, string manifest) =>
        throw new SerializationException($"A message of {bytes.Length} bytes for the JSON serializer was refused: it is closed.");

    private static SerializationException Refusal(object message) =>
        new($"{message.GetType().FullName} may not leave this process: it is not a message of the control plane.");
}
