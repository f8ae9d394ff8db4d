namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// Memory for versions of the parameters. There are as many buffers as versions are being read at once: two in quiet
/// running, one more for each slow reader, and readers are bounded because each may hold two versions at most.
/// </summary>
/// <param name="length">Numbers in a version.</param>
public sealed class VersionPool(long length) : IDisposable
{
    private readonly List<ParameterVersion> _versions = [];

    /// <summary>Buffers that exist.</summary>
    public int Count => _versions.Count;

    /// <summary>A version that nobody reads, pinned once for the caller; its numbers are whatever was there before.</summary>
    public ParameterVersion Rent(long version)
    {
        ParameterVersion? free = _versions.Find(candidate => candidate.IsFree);
        if (free is null)
            _versions.Add(free = new ParameterVersion(length));
        free.Version = version;
        free.Pin();
        return free;
    }

    public void Dispose()
    {
        foreach (ParameterVersion version in _versions)
            version.Free();
        _versions.Clear();
    }
}
