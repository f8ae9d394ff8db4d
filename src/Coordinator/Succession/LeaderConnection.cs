using System.Runtime.InteropServices;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;

namespace Lockstep.Coordinator.Succession;

/// <summary>A standby's end of the data plane. It exists before the job is known; checkpoints are taken once <see cref="Receive"/> has said where they go.</summary>
/// <param name="closed">Told once, on the reader's thread, why the connection ended; must not block.</param>
/// <param name="dismissed">Told, on the reader's thread, that the run has ended; must not block.</param>
internal sealed unsafe class LeaderConnection(Action<CloseReason> closed, Action<DismissalReason> dismissed) : IFrameHandler
{
    private DataConnection? _connection;
    private ReplicaReceiver? _receiver;

    /// <summary>From here on checkpoints are taken.</summary>
    public void Receive(ReplicaReceiver receiver) => Volatile.Write(ref _receiver, receiver);

    public void Opened(DataConnection connection) => _connection = connection;

    public Landing Land(DataConnection connection, in FrameHeader header)
    {
        int longest = (FrameKind)header.Kind switch
        {
            FrameKind.ReplicaOffered => DataPlaneLimits.ReplicaOfferBytes,
            FrameKind.ReplicaChunk => DataPlaneLimits.ReplicaChunkBytes,
            _ => 0,
        };
        if (header.PayloadLength > longest)
            return Landing.Refuse($"a frame of kind {header.Kind} with {header.PayloadLength} bytes");
        return Volatile.Read(ref _receiver) is { } receiver
            ? Landing.At(receiver.Room(), DataPlaneLimits.ReplicaChunkBytes)
            : Landing.Refuse("a checkpoint before the job was accepted");
    }

    public void Received(DataConnection connection, in FrameHeader header, nint landed)
    {
        Span<byte> bytes = stackalloc byte[ApplicationHeader.Length];
        MemoryMarshal.Write(bytes, header.Application);
        switch ((FrameKind)header.Kind)
        {
            case FrameKind.ReplicaOffered or FrameKind.ReplicaChunk when landed != 0:
                _receiver!.Post((FrameKind)header.Kind, ReplicaChunkKey.Read(bytes), landed, (int)header.PayloadLength, () => connection.ReturnCredit());
                return;
            case FrameKind.Dismissed:
                dismissed((DismissalReason)VersionKey.Read(bytes).Version);
                break;
            default:
                connection.Close($"a frame of the unknown kind {header.Kind}", TimeSpan.Zero);
                break;
        }
        connection.ReturnCredit();
    }

    public void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault)
    {
        if (landed != 0)
            _receiver!.Return(landed);
    }

    public void Closed(DataConnection connection, CloseReason reason) => closed(reason);

    /// <summary>Tells the coordinator that a checkpoint is on this disk.</summary>
    public void SendHeld(RunId run, long term, long step)
    {
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        new VersionKey(run, term, step).Write(header);
        _connection?.TrySend(new OutgoingFrame { Kind = (ushort)FrameKind.ReplicaHeld, Application = MemoryMarshal.Read<ApplicationHeader>(header), Epoch = ulong.MaxValue });
    }

    /// <summary>Says goodbye; the reason is the coordinator's to show.</summary>
    public void Close(string reason) => _connection?.Close(reason, TimeSpan.FromSeconds(1));
}
