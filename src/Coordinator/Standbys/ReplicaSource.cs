using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Running;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.Coordinator.Standbys;

/// <summary>
/// The files of one checkpoint, opened all at once: older checkpoints are removed while they are still on their way, and an open file outlives its name.
/// </summary>
public sealed class ReplicaSource : IDisposable
{
    private readonly List<FileStream> _streams = [];

    private ReplicaSource(ReplicaOffer offer) => Offer = offer;

    /// <summary>What is sent, in this order.</summary>
    public ReplicaOffer Offer { get; private set; }

    /// <summary>Opens the files.</summary>
    /// <param name="runDirectory">The run's folder.</param>
    /// <param name="checkpoint">The checkpoint's folder.</param>
    /// <param name="metricsFrom">Bytes of the metrics that the standby has already.</param>
    /// <exception cref="IOException">The checkpoint has been removed meanwhile, or cannot be read.</exception>
    public static ReplicaSource Open(string runDirectory, string checkpoint, long metricsFrom)
    {
        long step = CheckpointFiles.StepOf(checkpoint) ?? throw new ArgumentException($"{checkpoint} is no checkpoint's folder.", nameof(checkpoint));
        var source = new ReplicaSource(new ReplicaOffer(step, []));
        try
        {
            var files = new List<ReplicaFile>();
            foreach ((ReplicaFileKind kind, string name) in ReplicaFiles.OfCheckpoint)
            {
                string path = Path.Combine(checkpoint, name);
                if (kind == ReplicaFileKind.State || File.Exists(path))
                    files.Add(source.Add(kind, path, 0));
            }
            string metrics = Path.Combine(runDirectory, MetricsFile.Name);
            if (File.Exists(metrics))
                files.Add(source.Add(ReplicaFileKind.Metrics, metrics, metricsFrom));
            source.Offer = new ReplicaOffer(step, [.. files]);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next bytes of a file.</summary>
    /// <param name="file">Its place in the offer.</param>
    /// <param name="destination">Filled.</param>
    /// <exception cref="EndOfStreamException">The file has become shorter.</exception>
    public void Read(int file, Span<byte> destination) => _streams[file].ReadExactly(destination);

    public void Dispose()
    {
        foreach (FileStream stream in _streams)
            stream.Dispose();
    }

    private ReplicaFile Add(ReplicaFileKind kind, string path, long from)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        _streams.Add(stream);
        from = Math.Min(from, stream.Length);
        stream.Position = from;
        return new ReplicaFile(kind, from, stream.Length);
    }
}
