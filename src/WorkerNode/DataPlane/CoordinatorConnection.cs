using System.Runtime.InteropServices;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.SharedMemory;
using Lockstep.WorkerNode.Computing;
using Lockstep.WorkerNode.Parameters;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.WorkerNode.DataPlane;

/// <summary>
/// The worker's end of the data plane. It exists before the job is known; parameters are taken once <see cref="Serve"/>
/// has said where they go.
/// </summary>
/// <param name="closed">Told once, on the reader's thread, why the connection ended; must not block.</param>
/// <param name="dismissed">Told, on the reader's thread, when the coordinator lets the worker go; must not block.</param>
public sealed unsafe class CoordinatorConnection(Action<CloseReason> closed, Action<DismissalReason> dismissed) : IFrameHandler, IContributionSink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private DataConnection? _connection;
    private VersionSlots? _slots;
    private WorkBoard? _board;
    private readonly BlockDescriptions _descriptions = new();
    private RunId _run;
    private string? _sharedFolder;
    private long _incarnation;
    private int _slotsMade;
    private bool _sharesNoMore;
    private long _term;
    private long _newestVersion;

    /// <summary>The newest version that was received as a whole: so many steps were decided. 0 before the first.</summary>
    public long NewestVersion => Volatile.Read(ref _newestVersion);

    /// <summary>From here on parameters are taken, for this run and term alone.</summary>
    public void Serve(RunId run, long term, VersionSlots slots, WorkBoard board)
    {
        (_run, _term, _slots) = (run, term, slots);
        Volatile.Write(ref _board, board);
    }

    public void Opened(DataConnection connection) => _connection = connection;

    /// <summary>Memory is shared with the coordinator: gradients are laid there. To be said before <see cref="Serve"/>.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="incarnation">This worker's number.</param>
    public void Share(string folder, long incarnation) => (_sharedFolder, _incarnation) = (folder, incarnation);

    public Landing Land(DataConnection connection, in FrameHeader header)
    {
        if ((FrameKind)header.Kind != FrameKind.ParameterBlock)
            return Landing.Refuse($"a frame of kind {header.Kind} has no payload");
        if (Volatile.Read(ref _board) is not { } board || _slots is not { } slots)
            return Landing.Refuse("parameters before the job was accepted");
        ParameterBlockKey key = ParameterBlockKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length]));
        if (!new Allegiance(_run, _term).Includes(key.Run, key.Term))
            return Landing.Refuse($"parameters of run {key.Run}, term {key.Term}; this worker works for run {_run}, term {_term}");
        float* place = slots.Place(key, header.PayloadLength, out string? refusal);
        if (place is null)
            return Landing.Refuse(refusal!);
        if (key.Block == 0)
            board.Supersede(key.Version);
        return Landing.At(place, header.PayloadLength);
    }

    public void Received(DataConnection connection, in FrameHeader header, nint landed)
    {
        connection.ReturnCredit();
        switch ((FrameKind)header.Kind)
        {
            case FrameKind.ParameterBlock when landed != 0:
                ParameterBlockKey key = ParameterBlockKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length]));
                bool isWhole = _slots!.Arrived(key, out HeldVersion? begun);
                // The forward pass begins with what has come.
                if (begun is not null)
                    _board!.Offer(begun);
                if (isWhole)
                    SendHeld(connection, new VersionKey(_run, _term, key.Version));
                break;
            case FrameKind.VersionInPlace:
                TakeInPlace(connection, ParameterBlockKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length])));
                break;
            case FrameKind.TermRefused:
                connection.Close($"the coordinator leads at term {VersionKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length])).Term}, this worker works for term {_term}", TimeSpan.Zero);
                break;
            case FrameKind.Dismissed:
                dismissed((DismissalReason)VersionKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length])).Version);
                break;
            default:
                connection.Close($"a frame of the unknown kind {header.Kind}", TimeSpan.Zero);
                break;
        }
    }

    public void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault)
    {
        // The memory is a version that will never be whole: the connection ends, and with it the version.
    }

    public void Closed(DataConnection connection, CloseReason reason) => closed(reason);

    /// <summary>Tells the coordinator that a version is not computed with any more, and how fast its nodes were.</summary>
    public void Release(long version, int leaves, TimeSpan time)
    {
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        new ReleaseKey(_run, _term, version, leaves, (int)Math.Min(time.TotalMicroseconds, int.MaxValue)).Write(header);
        Send(new OutgoingFrame { Kind = (ushort)FrameKind.VersionReleased, Application = MemoryMarshal.Read<ApplicationHeader>(header), Epoch = ulong.MaxValue });
    }

    public void AwaitMemory(long step)
    {
        DataConnection connection = Connection;
        connection.DropQueued(olderThan: (ulong)step);
        if (!connection.WaitReleased(olderThan: (ulong)step + 1, Patience))
        {
            connection.Close("the coordinator takes no contributions", TimeSpan.Zero);
            throw new OperationCanceledException("The coordinator takes no contributions.");
        }
        _descriptions.Clear();
    }

    public GradientMemory CreateGradient(long length)
    {
        if (_sharedFolder is { } folder && !_sharesNoMore)
        {
            try
            {
                int slot = _slotsMade;
                var segment = SharedSegment.Create(SharedFolder.FileOf(folder, SegmentNames.OfGradient(_incarnation, slot)), SegmentNames.BytesOf(length));
                _slotsMade++;
                return new GradientMemory(segment, slot);
            }
            catch (IOException)
            {
                // The memory file system is full: this gradient travels over the socket, and so do those that come after it.
                _sharesNoMore = true;
            }
        }
        return new GradientMemory(length);
    }

    public void Send(long step, ReadOnlySpan<ParameterBlock> blocks, TreeNode node, GradientMemory gradient, bool moreFollow)
    {
        if (gradient.Slot is not { } slot)
        {
            for (int i = blocks.Length - 1; i >= 0; i--)
                Send(step, blocks[i].Index, node, gradient.Pointer + blocks[i].Offset, blocks[i].Length * sizeof(float));
            return;
        }
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        new ContributionKey(_run, _term, step, blocks[0].Index, node.Start, node.Count).Write(header);
        Send(new OutgoingFrame
        {
            Kind = (ushort)FrameKind.ContributionInPlace,
            Application = MemoryMarshal.Read<ApplicationHeader>(header),
            Payload = _descriptions.Next(new InPlaceBlocks(slot, blocks.Length)),
            Length = InPlaceBlocks.Size,
            Epoch = (ulong)step,
            MoreFollow = moreFollow,
        });
    }

    public void Send(long step, int channel, TreeNode node, void* bits, int bytes)
    {
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        new ContributionKey(_run, _term, step, channel, node.Start, node.Count).Write(header);
        Send(new OutgoingFrame
        {
            Kind = (ushort)FrameKind.Contribution,
            Application = MemoryMarshal.Read<ApplicationHeader>(header),
            Payload = bits,
            Length = bytes,
            Epoch = (ulong)step,
        });
    }

    private DataConnection Connection => _connection ?? throw new InvalidOperationException("The connection is not open yet.");

    // On the reader's thread, which must not wait: the queue has room, or the connection is ended.
    private void SendHeld(DataConnection connection, in VersionKey key)
    {
        Volatile.Write(ref _newestVersion, key.Version);
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        key.Write(header);
        var frame = new OutgoingFrame { Kind = (ushort)FrameKind.VersionHeld, Application = MemoryMarshal.Read<ApplicationHeader>(header), Epoch = ulong.MaxValue };
        if (connection.TrySend(frame) == QueueOutcome.Full)
            connection.Close("the coordinator takes no contributions", TimeSpan.Zero);
    }

    private void Send(in OutgoingFrame frame)
    {
        DataConnection connection = Connection;
        QueueOutcome outcome = connection.Send(frame, Patience);
        if (outcome == QueueOutcome.Queued)
            return;
        // A frame that is left out would be missed for ever, so the connection cannot go on without it.
        if (outcome == QueueOutcome.Full)
            connection.Close("the coordinator takes no contributions", TimeSpan.Zero);
        throw new OperationCanceledException("The connection to the coordinator has ended.");
    }

    private void TakeInPlace(DataConnection connection, in ParameterBlockKey key)
    {
        if (Volatile.Read(ref _board) is not { } board || _slots is not { } slots || _sharedFolder is not { } folder || !new Allegiance(_run, _term).Includes(key.Run, key.Term))
        {
            connection.Close("a version in memory that this worker does not share", TimeSpan.Zero);
            return;
        }
        if (slots.InPlace(key, folder, out string? refusal) is not { } held)
        {
            connection.Close(refusal!, TimeSpan.Zero);
            return;
        }
        board.Supersede(key.Version);
        SendHeld(connection, new VersionKey(_run, _term, key.Version));
        board.Offer(held);
    }

    private static ReadOnlySpan<byte> Bytes(in FrameHeader header, Span<byte> room)
    {
        MemoryMarshal.Write(room, header.Application);
        return room;
    }
}
