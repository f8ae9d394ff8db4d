using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using MessagePack;

namespace Lockstep.Protocol.Serialization;

/// <summary>
/// The only way that our messages cross the control plane: MessagePack, the type named by a manifest out of a fixed
/// list. Whatever is not on the list is refused; no type name from outside is ever looked up.
/// </summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>On the wire, and never used for anything else.</summary>
    public const int SerializerId = 20_471;

    private static readonly MessagePackSerializerOptions Options =
        MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);

    public override int Identifier => SerializerId;

    /// <exception cref="SerializationException">The type may not cross.</exception>
    public override string Manifest(object o) => WireManifests.Of(o.GetType())
        ?? throw new SerializationException($"{o.GetType().Name} is not a message of the control plane.");

    /// <exception cref="SerializationException">The type may not cross.</exception>
    public override byte[] ToBinary(object obj)
    {
        Manifest(obj);
        return MessagePackSerializer.Serialize(obj.GetType(), obj, Options);
    }

    /// <exception cref="SerializationException">The manifest is unknown, or the bytes are not a message of it.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        Type type = WireManifests.TypeOf(manifest)
            ?? throw new SerializationException($"The message kind '{WireManifests.Shorten(manifest)}' is unknown here: both sides must run the same build.");
        try
        {
            var reader = new MessagePackReader(bytes);
            object message = MessagePackSerializer.Deserialize(type, ref reader, Options)
                ?? throw new SerializationException($"A '{manifest}' message is empty.");
            if (!reader.End)
                throw new SerializationException($"A '{manifest}' message of {bytes.Length} bytes has {bytes.Length - reader.Consumed} after its end.");
            return Completeness.Gap(message) is { } gap
                ? throw new SerializationException($"A '{manifest}' message lacks {gap}.")
                : message;
        }
        catch (MessagePackSerializationException e)
        {
            throw new SerializationException($"A '{manifest}' message of {bytes.Length} bytes cannot be read: {e.GetBaseException().Message}", e);
        }
    }
}
