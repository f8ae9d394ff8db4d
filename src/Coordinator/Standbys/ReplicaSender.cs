using System.Runtime.InteropServices;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using MessagePack;
using Serilog;

namespace Lockstep.Coordinator.Standbys;

/// <summary>
/// Sends checkpoints to one standby, on a thread of its own. Only the newest one counts: those that came while another was on its way are left out but for the last.
/// </summary>
public sealed unsafe class ReplicaSender : IDisposable, ISendObserver
{
    private const int Buffers = 8;

    private readonly RunId _run;
    private readonly string _runDirectory;
    private readonly StandbyConnection _connection;
    private readonly Func<long> _term;
    private readonly ILogger _log;
    private readonly object _gate = new();
    private readonly Stack<nint> _free = [];
    private readonly Thread _thread;
    private int _made;
    private string? _next;
    private bool _stopping;
    private long _metricsSent;

    /// <param name="run">The run.</param>
    /// <param name="runDirectory">Its folder.</param>
    /// <param name="connection">Where the standby is.</param>
    /// <param name="term">The present term.</param>
    /// <param name="log">For checkpoints that could not be sent.</param>
    public ReplicaSender(RunId run, string runDirectory, StandbyConnection connection, Func<long> term, ILogger log)
    {
        (_run, _runDirectory, _connection, _term, _log) = (run, runDirectory, connection, term, log);
        _thread = new Thread(Run) { Name = "replica sender", IsBackground = true };
        _thread.Start();
    }

    /// <summary>A newer checkpoint is on disk.</summary>
    /// <param name="checkpoint">Its folder.</param>
    public void Offer(string checkpoint)
    {
        lock (_gate)
        {
            _next = checkpoint;
            Monitor.PulseAll(_gate);
        }
    }

    void ISendObserver.Completed(in OutgoingFrame frame, SendOutcome outcome)
    {
        lock (_gate)
        {
            _free.Push((nint)frame.Payload);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends the thread. The connection must have ended, so that no frame still reads the memory.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
        foreach (nint buffer in _free)
            NativeMemory.Free((void*)buffer);
        _free.Clear();
    }

    private void Run()
    {
        while (TakeNext() is { } checkpoint)
        {
            try
            {
                using var source = ReplicaSource.Open(_runDirectory, checkpoint, _metricsSent);
                if (Send(source) && source.Offer.Files.FirstOrDefault(file => file.Kind == ReplicaFileKind.Metrics) is { } metrics)
                    _metricsSent = metrics.To;
            }
            catch (IOException e)
            {
                // Most likely it was removed as too old, and a newer one is waiting.
                _log.Warning("{Checkpoint} was not sent to a standby: {Reason}", checkpoint, e.Message);
            }
        }
    }

    private string? TakeNext()
    {
        lock (_gate)
        {
            while (_next is null && !_stopping)
                Monitor.Wait(_gate);
            string? next = _stopping ? null : _next;
            _next = null;
            return next;
        }
    }

    private bool Send(ReplicaSource source)
    {
        ReplicaOffer offer = source.Offer;
        var version = new VersionKey(_run, _term(), offer.Step);
        byte[] content = MessagePackSerializer.Serialize(offer);
        Span<byte> header = stackalloc byte[ApplicationHeader.Length];
        header.Clear();
        version.Write(header);
        if (!Send(FrameKind.ReplicaOffered, header, content.Length, place => content.CopyTo(place)))
            return false;
        for (int file = 0; file < offer.Files.Length; file++)
        {
            int place = file;
            for (long offset = offer.Files[file].From; offset < offer.Files[file].To; offset += DataPlaneLimits.ReplicaChunkBytes)
            {
                int bytes = (int)Math.Min(DataPlaneLimits.ReplicaChunkBytes, offer.Files[file].To - offset);
                new ReplicaChunkKey(_run, version.Term, offer.Step, file, offset).Write(header);
                if (!Send(FrameKind.ReplicaChunk, header, bytes, destination => source.Read(place, destination)))
                    return false;
            }
        }
        return true;
    }

    private delegate void Filling(Span<byte> destination);

    private bool Send(FrameKind kind, ReadOnlySpan<byte> header, int bytes, Filling fill)
    {
        void* buffer = TakeBuffer();
        if (buffer is null)
            return false;
        bool sent = false;
        try
        {
            fill(new Span<byte>(buffer, bytes));
            sent = _connection.Send(new OutgoingFrame
            {
                Kind = (ushort)kind,
                Application = MemoryMarshal.Read<ApplicationHeader>(header),
                Payload = buffer,
                Length = bytes,
                Epoch = ulong.MaxValue,
                Observer = this,
            });
            return sent;
        }
        finally
        {
            if (!sent)
            {
                lock (_gate)
                    _free.Push((nint)buffer);
            }
        }
    }

    // Few of them: so the queue of the connection stays short, and a disk that is slow over there slows the reading down here.
    private void* TakeBuffer()
    {
        lock (_gate)
        {
            while (_free.Count == 0 && _made == Buffers && !_stopping)
                Monitor.Wait(_gate);
            if (_stopping)
                return null;
            if (_free.TryPop(out nint free))
                return (void*)free;
            _made++;
            return NativeMemory.Alloc(DataPlaneLimits.ReplicaChunkBytes);
        }
    }
}
