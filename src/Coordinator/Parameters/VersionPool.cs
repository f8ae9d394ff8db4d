using Lockstep.Engine.Memory;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// Memory for versions of the parameters. There are as many buffers as versions are being read at once: two in quiet
/// running, one more for each slow reader, and readers are bounded because each may hold two versions at most.
/// </summary>
/// <param name="length">Numbers in a version.</param>
/// <param name="blocks">Blocks of a version.</param>
/// <param name="shared">Where workers of this machine read versions in place; null where none does. A version for which there is no room lies in memory of this process.</param>
public sealed class VersionPool(long length, int blocks, SharedFolder? shared = null) : IDisposable
{
    private readonly List<ParameterVersion> _versions = [];
    private bool _isFull;

    /// <summary>Buffers that exist.</summary>
    public int Count => _versions.Count;

    /// <summary>A version that nobody reads, pinned once for the caller; its numbers are whatever was there before.</summary>
    public ParameterVersion Rent(long version)
    {
        ParameterVersion? free = _versions.Find(candidate => candidate.IsFree || !Safety.Holds(SafetyRule.PinVersions));
        if (free is null)
            _versions.Add(free = InSharedMemory() ?? new ParameterVersion(new FloatBuffer(length)));
        free.BeginAnew(version, blocks);
        free.Pin();
        return free;
    }

    public void Dispose()
    {
        foreach (ParameterVersion version in _versions)
            version.Free();
        _versions.Clear();
    }

    // A full memory file system is no fault: the numbers then travel over sockets.
    private ParameterVersion? InSharedMemory()
    {
        if (shared is null || _isFull)
            return null;
        try
        {
            int segment = _versions.Count;
            return new ParameterVersion(SharedSegment.Create(SharedFolder.FileOf(shared.Path, SegmentNames.OfVersion(segment)), SegmentNames.BytesOf(length)), segment);
        }
        catch (IOException)
        {
            _isFull = true;
            return null;
        }
    }
}
