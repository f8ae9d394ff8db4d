using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>What one reading of a job gathers: faults, and where each value stood.</summary>
internal sealed class BindingContext(FaultList faults, JobSource? files)
{
    private readonly Dictionary<string, YamlMark> _marks = [];

    public FaultList Faults { get; } = faults;

    /// <summary>Where files must be; null where they need not be looked for.</summary>
    public JobSource? Files { get; } = files;

    public void Fault(YamlNode at, string path, string message) => Faults.Add(at.Mark, path, message);

    public void Remember(string path, YamlNode node) => _marks[path] = node.Mark;

    public bool WasGiven(string path) => _marks.ContainsKey(path);

    /// <summary>A fault found after binding: at <paramref name="path"/>, or at the nearest branch above it that was written.</summary>
    public void FaultAt(string path, string message)
    {
        string branch = path;
        while (!_marks.ContainsKey(branch) && branch.Length > 0)
            branch = branch.LastIndexOf('.') is >= 0 and int dot ? branch[..dot] : "";
        Faults.Add(_marks[branch], path, message);
    }

    public static string Below(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>The last word of a path, as messages call it: <c>units</c>, <c>metrics[1]</c>.</summary>
    public static string Label(string path)
    {
        string[] parts = path.Split('.');
        int last = parts.Length - 1;
        return last > 0 && parts[last].All(char.IsAsciiDigit) ? $"{parts[last - 1]}[{parts[last]}]" : parts[last];
    }
}
