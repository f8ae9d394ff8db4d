namespace Lockstep.Protocol.Messages;

/// <summary>
/// Everything that crosses the control plane, and nothing else: the serializer is bound to this. Keys only grow and are
/// never reused; manifests are listed in <see cref="Serialization.WireManifests"/>.
/// </summary>
public interface IWireMessage;
