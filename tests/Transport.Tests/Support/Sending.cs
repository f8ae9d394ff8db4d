using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Tests.Support;

internal static unsafe class Sending
{
    public static OutgoingFrame Frame(NativeBytes bytes, ulong state = 0, ulong epoch = 0, ISendObserver? observer = null, int? length = null) => new()
    {
        Kind = 3,
        Application = new(state, epoch, 0, 0),
        Payload = bytes.Pointer,
        Length = length ?? bytes.Length,
        Epoch = epoch,
        State = state,
        Observer = observer,
    };
}
