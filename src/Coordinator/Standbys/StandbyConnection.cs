using System.Runtime.InteropServices;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;

namespace Lockstep.Coordinator.Standbys;

/// <summary>What happens to a standby that the coordinator must hear. Raised on the connection's threads.</summary>
public abstract record StandbyEvent(long Standby);

/// <summary>The standby passed the handshake.</summary>
public sealed record StandbyGreeted(long Standby, NodeHello Hello, StandbyConnection Connection) : StandbyEvent(Standby);

/// <summary>The standby has a checkpoint on its disk, synced and verified.</summary>
public sealed record CheckpointHeld(long Standby, long Step) : StandbyEvent(Standby);

/// <summary>The connection is gone, and with it the standby.</summary>
public sealed record StandbyDisconnected(long Standby, CloseReason Reason) : StandbyEvent(Standby);

/// <summary>The coordinator's end of the data plane to one standby: checkpoints go, acknowledgements come.</summary>
/// <param name="standby">The standby's number.</param>
/// <param name="run">The run.</param>
/// <param name="raise">Takes events; must not block.</param>
public sealed class StandbyConnection(long standby, RunId run, Action<StandbyEvent> raise) : IFrameHandler, IDisposable
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(10);

    private DataConnection? _connection;
    private volatile bool _goodbye;

    public void Opened(DataConnection connection) => _connection = connection;

    public Landing Land(DataConnection connection, in FrameHeader header) => Landing.Refuse($"a frame of kind {header.Kind} with a payload, from a standby");

    public void Received(DataConnection connection, in FrameHeader header, nint landed)
    {
        connection.ReturnCredit();
        Span<byte> bytes = stackalloc byte[ApplicationHeader.Length];
        MemoryMarshal.Write(bytes, header.Application);
        VersionKey key = VersionKey.Read(bytes);
        if ((FrameKind)header.Kind == FrameKind.ReplicaHeld && key.Run == run)
            raise(new CheckpointHeld(standby, key.Version));
        else
            connection.Close($"a frame of the unknown kind {header.Kind}", TimeSpan.Zero);
    }

    public void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault)
    {
        // No frame has a payload, so none can be cut off.
    }

    public void Closed(DataConnection connection, CloseReason reason) => raise(new StandbyDisconnected(standby, reason));

    /// <summary>Sends a frame, waiting for room in the queue.</summary>
    /// <returns>Whether it is on its way; else the observer is not called.</returns>
    public bool Send(in OutgoingFrame frame)
    {
        if (_connection is not { } connection)
            return false;
        QueueOutcome outcome = connection.Send(frame, SendPatience);
        if (outcome == QueueOutcome.Full)
            connection.Close("the standby takes no checkpoints", TimeSpan.Zero);
        return outcome == QueueOutcome.Queued;
    }

    /// <summary>The run has ended: the standby needs to stand by no more.</summary>
    public void Dismiss(long term, DismissalReason reason)
    {
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        new VersionKey(run, term, (long)reason).Write(header);
        _connection?.TrySend(new OutgoingFrame { Kind = (ushort)FrameKind.Dismissed, Application = MemoryMarshal.Read<ApplicationHeader>(header), Epoch = ulong.MaxValue });
        Close("the run has ended");
    }

    /// <summary>Says goodbye; the reason is the standby's to show.</summary>
    public void Close(string reason)
    {
        _goodbye = true;
        _connection?.Close(reason, GoodbyePatience);
    }

    /// <summary>Ends the connection, after a goodbye that is on its way, and waits for its threads.</summary>
    public void Dispose()
    {
        if (_connection is not { } connection)
            return;
        if (_goodbye)
            connection.WaitClosed(GoodbyePatience);
        connection.Dispose();
    }
}
