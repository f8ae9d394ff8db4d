using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Standbys;
using Lockstep.Engine.Serialization;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Succession;

/// <summary>What was sent to a standby is not what was announced, or not a sound checkpoint of its run. The message says what.</summary>
public sealed class ReplicaException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Puts one checkpoint together from what a coordinator sends: beside its place, each file in order and in full, synced, verified against the hashes, then renamed. Until then the
/// checkpoints that are there stay as they are. Not for several threads.
/// </summary>
public sealed class ReplicaAssembly : IDisposable
{
    /// <summary>The largest file that is taken. 64 GiB, as much as a model of 16 billion parameters.</summary>
    public const long LongestFile = 1L << 36;

    /// <summary>The largest of those files that hold no numbers of the model. 64 MiB.</summary>
    public const long LongestText = 1L << 26;

    private readonly string _runDirectory;
    private readonly RunId _run;
    private readonly string _jobSha256;
    private readonly ReplicaOffer _offer;
    private readonly string _partial;
    private FileStream? _stream;
    private int _file;
    private long _offset;

    private ReplicaAssembly(string runDirectory, RunId run, string jobSha256, ReplicaOffer offer)
    {
        (_runDirectory, _run, _jobSha256, _offer) = (runDirectory, run, jobSha256, offer);
        _partial = Path.Combine(runDirectory, CheckpointFiles.Folder, CheckpointFiles.NameOf(offer.Step)) + AtomicFile.PartialSuffix;
    }

    /// <summary>Whether every announced byte is there.</summary>
    public bool IsWhole => _file == _offer.Files.Length;

    /// <summary>The checkpoint's step.</summary>
    public long Step => _offer.Step;

    /// <summary>Begins with what was announced.</summary>
    /// <param name="runDirectory">The standby's own run directory.</param>
    /// <param name="run">The run that it belongs to.</param>
    /// <param name="jobSha256">The job's hash.</param>
    /// <param name="offer">What was announced.</param>
    /// <param name="free">Free bytes on the disk of a folder.</param>
    /// <exception cref="ReplicaException">No checkpoint can look like that.</exception>
    /// <exception cref="InsufficientSpaceException">The disk has no room for it.</exception>
    public static ReplicaAssembly Begin(string runDirectory, RunId run, string jobSha256, ReplicaOffer offer, Func<string, long> free)
    {
        if (offer.Files is null || offer.Files.Any(file => file is null) || offer.Step < 0)
            throw new ReplicaException($"a checkpoint of step {offer.Step} was announced without saying what it has");
        if (offer.Files.Select(file => file.Kind).Distinct().Count() != offer.Files.Length)
            throw new ReplicaException("a file was announced twice");
        foreach (ReplicaFile file in offer.Files)
            RequireSensible(file);
        foreach (ReplicaFileKind needed in (ReadOnlySpan<ReplicaFileKind>)[ReplicaFileKind.State, ReplicaFileKind.Job, ReplicaFileKind.Model, ReplicaFileKind.Optimizer, ReplicaFileKind.Carried])
        {
            if (!offer.Files.Any(file => file.Kind == needed))
                throw new ReplicaException($"a checkpoint without its {needed.ToString().ToLowerInvariant()} was announced");
        }
        var assembly = new ReplicaAssembly(runDirectory, run, jobSha256, offer);
        string folder = Path.Combine(runDirectory, CheckpointFiles.Folder);
        Directory.CreateDirectory(folder);
        AtomicFile.RequireSpace(folder, offer.Files.Sum(file => file.To - file.From), free(folder));
        CheckpointFolder.Remove(assembly._partial);
        Directory.CreateDirectory(assembly._partial);
        assembly.OpenNext();
        return assembly;
    }

    /// <summary>Takes the next bytes.</summary>
    /// <param name="key">Where they belong.</param>
    /// <param name="bytes">Verified by the frame's checksum.</param>
    /// <exception cref="ReplicaException">They are not the next ones that were announced.</exception>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Add(in ReplicaChunkKey key, ReadOnlySpan<byte> bytes)
    {
        if (key.Run != _run || key.Step != Step)
            throw new ReplicaException($"bytes of the checkpoint of step {key.Step} of run {key.Run} came, where step {Step} of run {_run} was announced");
        if (IsWhole || key.File != _file || key.Offset != _offset)
            throw new ReplicaException($"byte {key.Offset} of file {key.File} came instead of byte {_offset} of file {_file}");
        long left = _offer.Files[_file].To - _offset;
        if (bytes.Length == 0 || bytes.Length > left)
            throw new ReplicaException($"{bytes.Length} bytes came where {left} were left of the file");
        _stream!.Write(bytes);
        _offset += bytes.Length;
        if (_offset == _offer.Files[_file].To)
        {
            CloseFile();
            _file++;
            OpenNext();
        }
    }

    /// <summary>Verifies the whole checkpoint and gives it its name; from here on it can be gone on from.</summary>
    /// <param name="keep">How many checkpoints stay.</param>
    /// <returns>What it says of itself.</returns>
    /// <exception cref="ReplicaException">It is cut off, damaged, or of another run or job.</exception>
    public CheckpointState Complete(int keep)
    {
        if (!IsWhole)
            throw new ReplicaException($"the checkpoint of step {Step} is not whole: file {_file} ends at byte {_offset}");
        CheckpointState state;
        try
        {
            state = Checkpoint.Verify(_partial).State;
        }
        catch (CheckpointException damaged)
        {
            throw new ReplicaException($"the checkpoint of step {Step} is damaged: {damaged.Message}", damaged);
        }
        if ((state.Run != _run.ToString() || state.Step != Step || state.JobSha256 != _jobSha256) && Safety.Holds(SafetyRule.TakeOwnReplicasOnly))
            throw new ReplicaException($"the checkpoint says that it is of step {state.Step} of run {state.Run}, job {state.JobSha256}; step {Step} of run {_run}, job {_jobSha256} was announced");
        string path = _partial[..^AtomicFile.PartialSuffix.Length];
        CheckpointFolder.Put(_partial, path, state);
        CheckpointFolder.Prune(Path.GetDirectoryName(path)!, Step, keep);
        return state;
    }

    /// <summary>Gives up what is not complete.</summary>
    public void Dispose()
    {
        _stream?.Dispose();
        CheckpointFolder.Remove(_partial);
    }

    private static void RequireSensible(ReplicaFile file)
    {
        bool text = file.Kind is ReplicaFileKind.State or ReplicaFileKind.Job;
        bool known = file.Kind == ReplicaFileKind.Metrics || ReplicaFiles.NameOf(file.Kind) is not null;
        long longest = text ? LongestText : LongestFile;
        if (!known || file.From < 0 || file.To < file.From || file.To > longest || (file.From > 0 && file.Kind != ReplicaFileKind.Metrics))
            throw new ReplicaException($"a file of kind {(int)file.Kind} from byte {file.From} to {file.To} was announced, which no checkpoint has");
    }

    // Files of no bytes are there too.
    private void OpenNext()
    {
        for (; !IsWhole; _file++)
        {
            ReplicaFile file = _offer.Files[_file];
            _offset = file.From;
            _stream = file.Kind == ReplicaFileKind.Metrics ? OpenMetrics(file.From) : new FileStream(Path.Combine(_partial, ReplicaFiles.NameOf(file.Kind)!), FileMode.CreateNew, FileAccess.Write, FileShare.None);
            if (file.To > file.From)
                return;
            CloseFile();
        }
    }

    private FileStream OpenMetrics(long from)
    {
        var stream = new FileStream(Path.Combine(_runDirectory, MetricsFile.Name), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        if (stream.Length < from)
        {
            long length = stream.Length;
            stream.Dispose();
            throw new ReplicaException($"metrics from byte {from} on came, but only {length} are here");
        }
        stream.SetLength(from);
        stream.Position = from;
        return stream;
    }

    private void CloseFile()
    {
        _stream!.Flush(flushToDisk: true);
        _stream.Dispose();
        _stream = null;
    }
}
