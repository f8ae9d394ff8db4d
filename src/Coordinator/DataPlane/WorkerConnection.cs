using System.Runtime.InteropServices;
using Lockstep.Coordinator.Parameters;
using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;

namespace Lockstep.Coordinator.DataPlane;

/// <summary>What happens on the data plane that the coordinator must hear. Raised on the connection's reader thread.</summary>
public abstract record LinkEvent(long Worker);

/// <summary>The worker passed the handshake.</summary>
public sealed record WorkerGreeted(long Worker, NodeHello Hello, WorkerConnection Connection) : LinkEvent(Worker);

/// <summary>The worker holds every block of a version.</summary>
public sealed record VersionHeld(long Worker, long Version) : LinkEvent(Worker);

/// <summary>The worker has let a version go; how fast it was.</summary>
public sealed record VersionReleased(long Worker, long Version, int Leaves, double Seconds) : LinkEvent(Worker);

/// <summary>The connection is gone, and with it the worker: the fastest sign of a death.</summary>
public sealed record WorkerDisconnected(long Worker, CloseReason Reason) : LinkEvent(Worker);

/// <summary>The coordinator's end of the data plane to one worker.</summary>
/// <param name="worker">The worker's incarnation.</param>
/// <param name="server">Where contributions go.</param>
/// <param name="raise">Takes events; must not block.</param>
public sealed unsafe class WorkerConnection(long worker, ParameterServer server, Action<LinkEvent> raise) : IFrameHandler, IWorkerLink, IDisposable
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);

    private DataConnection? _connection;
    private readonly WorkerGradients _gradients = new(worker, server);
    private NodeSum? _landing;
    private volatile bool _goodbye;

    /// <summary>Who is at the other end.</summary>
    public string Peer => _connection?.Peer ?? "a worker that is not connected yet";

    /// <summary>Time of a small frame's way to the worker and back; null before the first answer.</summary>
    public TimeSpan? RoundTrip => _connection?.RoundTrip;

    public void Opened(DataConnection connection) => _connection = connection;

    public Landing Land(DataConnection connection, in FrameHeader header)
    {
        if ((FrameKind)header.Kind == FrameKind.ContributionInPlace)
            return _gradients.Land(header);
        if ((FrameKind)header.Kind != FrameKind.Contribution)
            return Landing.Refuse($"a frame of kind {header.Kind} has no payload");
        int bytes = server.BytesOf(ContributionKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length])).Channel);
        if (bytes != header.PayloadLength)
            return Landing.Refuse($"a contribution of {header.PayloadLength} bytes to a channel of {Math.Max(bytes, 0)}");
        _landing = server.NodeSums.Take(bytes);
        return Landing.At(_landing.Floats, bytes);
    }

    public void Received(DataConnection connection, in FrameHeader header, nint landed)
    {
        if (_landing is { } sum)
        {
            // The credit goes back when the parameter server has dealt with the contribution.
            _landing = null;
            server.Post(new Contribution(worker, ContributionKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length])), header.PayloadChecksum, sum));
            return;
        }
        switch ((FrameKind)header.Kind)
        {
            case FrameKind.ContributionInPlace:
                if (_gradients.Take(ContributionKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length])), out string? refusal) is { } contributions)
                    server.Post(contributions);
                else
                    connection.Close(refusal!, TimeSpan.Zero);
                return;
            case FrameKind.VersionHeld:
                raise(new VersionHeld(worker, VersionKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length])).Version));
                break;
            case FrameKind.VersionReleased:
                ReleaseKey release = ReleaseKey.Read(Bytes(header, stackalloc byte[ApplicationHeader.Length]));
                server.Released(worker, release.Version);
                raise(new VersionReleased(worker, release.Version, release.Leaves, release.Microseconds * 1e-6));
                break;
            default:
                connection.Close($"a frame of the unknown kind {header.Kind}", TimeSpan.Zero);
                break;
        }
        connection.ReturnCredit();
    }

    public void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault)
    {
        if (_landing is { } sum)
            server.NodeSums.Return(sum);
        _landing = null;
    }

    public void Closed(DataConnection connection, CloseReason reason)
    {
        _gradients.Dispose();
        raise(new WorkerDisconnected(worker, reason));
    }

    public bool SendInPlace(in ParameterBlockKey key)
    {
        if (server.Shared is null)
            return false;
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        key.Write(header);
        Send(new OutgoingFrame { Kind = (ushort)FrameKind.VersionInPlace, Application = MemoryMarshal.Read<ApplicationHeader>(header), Epoch = (ulong)key.Version });
        return true;
    }

    public void SendBlock(in ParameterBlockKey key, ParameterVersion version, in ParameterBlock block)
    {
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        key.Write(header);
        version.Pin();
        var frame = new OutgoingFrame
        {
            Kind = (ushort)FrameKind.ParameterBlock,
            Application = MemoryMarshal.Read<ApplicationHeader>(header),
            Payload = version.Pointer + block.Offset,
            Length = block.Length * sizeof(float),
            Checksum = version.ChecksumOf(block.Index),
            Epoch = (ulong)key.Version,
            Observer = version,
        };
        if (Send(frame) != QueueOutcome.Queued)
            version.Unpin();
    }

    public void RefuseTerm(in VersionKey present)
    {
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        present.Write(header);
        Send(new OutgoingFrame { Kind = (ushort)FrameKind.TermRefused, Application = MemoryMarshal.Read<ApplicationHeader>(header), Epoch = ulong.MaxValue });
    }

    public void ReturnCredit() => _connection?.ReturnCredit();

    /// <summary>Lets the worker go, and says goodbye.</summary>
    /// <param name="key">Run and term.</param>
    /// <param name="reason">Why.</param>
    public void Dismiss(in VersionKey key, DismissalReason reason)
    {
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        (key with { Version = (long)reason }).Write(header);
        Send(new OutgoingFrame { Kind = (ushort)FrameKind.Dismissed, Application = MemoryMarshal.Read<ApplicationHeader>(header), Epoch = ulong.MaxValue });
        Close("the run has ended");
    }

    /// <summary>Says goodbye; the reason is the worker's to show.</summary>
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

    private QueueOutcome Send(in OutgoingFrame frame)
    {
        if (_connection is not { } connection)
            return QueueOutcome.Closed;
        QueueOutcome outcome = connection.TrySend(frame);
        // The queue has room for every block that a worker has a place for, so a full one is a worker that takes nothing.
        if (outcome == QueueOutcome.Full)
            connection.Close("the worker takes no parameters", TimeSpan.Zero);
        return outcome;
    }

    private static ReadOnlySpan<byte> Bytes(in FrameHeader header, Span<byte> room)
    {
        MemoryMarshal.Write(room, header.Application);
        return room;
    }
}
