using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs;

/// <summary>What the command line changes in a job file. Applied to the text's tree, so that changed values are checked like written ones.</summary>
public sealed record JobOverrides
{
    public static JobOverrides None { get; } = new();

    /// <summary><c>key=value</c> each: a dotted path, numbers from 0 for the entries of lists, and a value in YAML.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>Replaces <c>training.epochs</c> or <c>training.steps</c>.</summary>
    public long? Steps { get; init; }

    /// <summary>Replaces <c>weights.from</c>. Relative to the current folder, as command-line paths are.</summary>
    public string? Weights { get; init; }

    internal YamlNode? Apply(YamlNode? root, FaultList faults)
    {
        foreach (string setting in Set)
            root = Assign(root, setting, faults) ?? root;
        if (Steps is long steps)
        {
            var mark = new YamlMark("--steps", 1, 1);
            root = Put(root, ["training", "epochs"], null, mark, faults) ?? root;
            root = Put(root, ["training", "steps"], new YamlScalar(mark, FormattableString.Invariant($"{steps}"), plain: true), mark, faults) ?? root;
        }
        if (Weights is { } weights)
        {
            var mark = new YamlMark("--weights", 1, 1);
            root = Put(root, ["weights", "from"], new YamlScalar(mark, Path.GetFullPath(weights), plain: false), mark, faults) ?? root;
        }
        return root;
    }

    private static YamlNode? Assign(YamlNode? root, string setting, FaultList faults)
    {
        string option = $"--set {setting}";
        int equals = setting.IndexOf('=');
        string[] path = equals < 0 ? [] : setting[..equals].Split('.');
        if (path.Length == 0 || path.Any(key => key.Length == 0))
        {
            faults.Add(new YamlMark(option, 0, 0), "", "write --set key=value, for instance --set training.batch=64");
            return null;
        }
        YamlNode? value = YamlReader.Read(setting[(equals + 1)..], option, faults, columnsBefore: equals + 1);
        return value is null ? null : Put(root, path, value, new YamlMark(option, 1, 1), faults);
    }

    private static YamlNode? Put(YamlNode? root, string[] path, YamlNode? value, YamlMark mark, FaultList faults) =>
        root is null ? null : TreeOverride.Apply(root, path, value, mark, faults);
}
