using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Lockstep.Protocol.Serialization;

/// <summary>
/// Stands where Akka keeps its JSON serializer, which would build whatever type a peer names: it refuses both ways.
/// </summary>
public sealed class RefusingSerializer : Serializer
{
    public RefusingSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    /// <summary>The form that Akka asks for where a serializer has settings.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config config)
        : base(system) => ArgumentNullException.ThrowIfNull(config);

    /// <summary>The identifier of the serializer that it replaces.</summary>
    public override int Identifier => 1;

    public override bool IncludeManifest => true;

    /// <exception cref="SerializationException">Always.</exception>
    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj.GetType().FullName} may not leave this process: it is not a message of the control plane.");

    /// <exception cref="SerializationException">Always.</exception>
    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException($"A message of {bytes.Length} bytes for the JSON serializer was refused: it is closed.");
}
