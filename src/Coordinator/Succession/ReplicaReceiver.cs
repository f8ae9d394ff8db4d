using System.Runtime.InteropServices;
using Lockstep.Coordinator.Running;
using Lockstep.Engine.Serialization;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using MessagePack;

namespace Lockstep.Coordinator.Succession;

/// <summary>
/// Writes what a coordinator sends, on a thread of its own: the reader of the connection never waits for the disk, and credit goes back when a chunk is written. Chunks land in
/// memory of this class, as much as the credit allows.
/// </summary>
/// <param name="runDirectory">The standby's run directory.</param>
/// <param name="run">The run.</param>
/// <param name="jobSha256">The job's hash.</param>
/// <param name="keep">How many checkpoints stay.</param>
/// <param name="held">Told of a checkpoint that is complete, on this thread; must not block.</param>
/// <param name="failed">Told once why no more is taken, on this thread; must not block.</param>
internal sealed unsafe class ReplicaReceiver(string runDirectory, RunId run, string jobSha256, int keep, Action<long> held, Action<Exception> failed) : IDisposable
{
    private static readonly MessagePackSerializerOptions Untrusted =
        MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);

    private readonly Mailbox<Landed> _landed = new();
    private readonly Lock _lock = new();
    private readonly Stack<nint> _free = [];
    private readonly List<nint> _all = [];
    private Thread? _thread;
    private ReplicaAssembly? _assembly;
    private bool _broken;

    /// <summary>Starts to write.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { Name = "replica receiver", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Room for the payload of one frame.</summary>
    public void* Room()
    {
        lock (_lock)
        {
            if (_free.TryPop(out nint free))
                return (void*)free;
            nint made = (nint)NativeMemory.Alloc(DataPlaneLimits.ReplicaChunkBytes);
            _all.Add(made);
            return (void*)made;
        }
    }

    /// <summary>Room is not needed any more.</summary>
    public void Return(nint room)
    {
        lock (_lock)
            _free.Push(room);
    }

    /// <summary>A whole frame has landed.</summary>
    /// <param name="kind">An offer or a chunk.</param>
    /// <param name="key">Where it belongs.</param>
    /// <param name="room">The memory.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="written">Told when the memory is free again.</param>
    public void Post(FrameKind kind, in ReplicaChunkKey key, nint room, int bytes, Action written)
    {
        if (!_landed.Post(new Landed(kind, key, room, bytes, written)))
            Return(room);
    }

    /// <summary>Ends the thread; what is not complete is given up. The connection must have ended.</summary>
    public void Dispose()
    {
        _landed.Close();
        _thread?.Join();
        _assembly?.Dispose();
        foreach (nint room in _all)
            NativeMemory.Free((void*)room);
        _all.Clear();
        _free.Clear();
    }

    private void Run()
    {
        while (_landed.Take(out Landed landed))
        {
            try
            {
                if (!_broken)
                    Take(landed);
            }
            catch (Exception e) when (e is ReplicaException or IOException or UnauthorizedAccessException or MessagePackSerializationException)
            {
                _broken = true;
                failed(e);
            }
            Return(landed.Room);
            landed.Written();
        }
    }

    private void Take(in Landed landed)
    {
        var bytes = new ReadOnlySpan<byte>((void*)landed.Room, landed.Bytes);
        if (landed.Kind == FrameKind.ReplicaOffered)
        {
            _assembly?.Dispose();
            _assembly = null;
            ReplicaOffer offer = MessagePackSerializer.Deserialize<ReplicaOffer?>(bytes.ToArray(), Untrusted) ?? throw new ReplicaException("an empty offer came");
            if (landed.Key.Run != run || landed.Key.Step != offer.Step)
                throw new ReplicaException($"a checkpoint of step {offer.Step} was announced as one of step {landed.Key.Step} of run {landed.Key.Run}");
            _assembly = ReplicaAssembly.Begin(runDirectory, run, jobSha256, offer, AtomicFile.FreeSpace);
        }
        else
        {
            (_assembly ?? throw new ReplicaException("a chunk came before the checkpoint was announced")).Add(landed.Key, bytes);
        }
        if (!_assembly.IsWhole)
            return;
        using ReplicaAssembly whole = _assembly;
        _assembly = null;
        whole.Complete(keep);
        held(whole.Step);
    }

    private readonly record struct Landed(FrameKind Kind, ReplicaChunkKey Key, nint Room, int Bytes, Action Written);
}
