using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs;

/// <summary>Gathers faults, so that a reader hears of all of them at once.</summary>
internal sealed class FaultList
{
    /// <summary>A file that is no job file at all should not fill the screen.</summary>
    private const int Most = 100;

    private readonly List<JobFault> _faults = [];
    private readonly List<string> _spoilt = [];
    private int _unlisted;

    public bool Any => _faults.Count > 0;

    public void Add(YamlMark mark, string path, string message)
    {
        // Faults of the YAML itself have no path; what the reader made of it is whole.
        if (path.Length > 0)
            Spoil(path);
        if (_faults.Count < Most)
            _faults.Add(new JobFault(mark.File, mark.Line, mark.Column, path, message));
        else
            _unlisted++;
    }

    /// <summary>Marks a value that could not be read for a reason that is listed elsewhere.</summary>
    public void Spoil(string path) => _spoilt.Add(path);

    /// <summary>Whether nothing is wrong at <paramref name="path"/>, below it, or with what holds it.</summary>
    public bool IsSound(string path) => !_spoilt.Exists(spoilt => Leads(spoilt, path) || Leads(path, spoilt));

    public void ThrowIfAny()
    {
        if (_faults.Count == 0)
            return;
        var ordered = _faults.OrderBy(fault => fault.Line).ThenBy(fault => fault.Column).ToList();
        if (_unlisted > 0)
            ordered.Add(new JobFault(ordered[0].File, 0, 0, "", $"and {_unlisted} more faults"));
        throw new JobFaultException(ordered);
    }

    private static bool Leads(string prefix, string path) =>
        path == prefix || (path.StartsWith(prefix, StringComparison.Ordinal) && path[prefix.Length] == '.');
}
