namespace Lockstep.Jobs.Yaml;

/// <summary>Replaces one value of a tree, named by a dotted path; branches that are missing are made.</summary>
internal static class TreeOverride
{
    /// <summary>The tree with <paramref name="value"/> at <paramref name="path"/>; null after a fault.</summary>
    /// <param name="root">The tree, which stays as it is.</param>
    /// <param name="path">Keys, and numbers from 0 for the entries of lists.</param>
    /// <param name="value">The new value; null removes the key.</param>
    /// <param name="mark">Where faults point.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static YamlNode? Apply(YamlNode root, ReadOnlySpan<string> path, YamlNode? value, YamlMark mark, FaultList faults)
    {
        if (path.IsEmpty)
            return value;
        switch (root)
        {
            case YamlList list:
                return InList(list, path, value, mark, faults);
            case YamlMap map:
                return InMap(map, path, value, mark, faults);
            case YamlScalar { IsNull: true }:
                return InMap(new YamlMap(mark, []), path, value, mark, faults);
            // A bare name such as "relu" is short for a map with that key and nothing in it.
            case YamlScalar scalar when scalar.Text == path[0]:
                return InMap(new YamlMap(scalar.Mark, [new YamlEntry(scalar, new YamlScalar(scalar.Mark, "", plain: true))]), path, value, mark, faults);
            default:
                faults.Add(mark, "", $"'{Shown.Of(path[0])}' cannot be set: what holds it in the job file is {root.Describe()}");
                return null;
        }
    }

    private static YamlList? InList(YamlList list, ReadOnlySpan<string> path, YamlNode? value, YamlMark mark, FaultList faults)
    {
        if (CoreScalars.Integer(path[0]) is not Int128 index || index < 0 || index >= list.Items.Count)
        {
            faults.Add(mark, "", list.Items.Count == 0
                ? $"'{Shown.Of(path[0])}' names no entry: the list is empty"
                : $"'{Shown.Of(path[0])}' names no entry: the list has the entries 0 to {list.Items.Count - 1}");
            return null;
        }
        var items = list.Items.ToList();
        YamlNode? changed = Apply(items[(int)index], path[1..], value, mark, faults);
        if (changed is null)
            return null;
        items[(int)index] = changed;
        return new YamlList(list.Mark, items);
    }

    private static YamlMap? InMap(YamlMap map, ReadOnlySpan<string> path, YamlNode? value, YamlMark mark, FaultList faults)
    {
        string key = path[0];
        var entries = map.Entries.ToList();
        int at = entries.FindIndex(entry => entry.Key.Text == key);
        if (value is null && path.Length == 1)
        {
            if (at >= 0)
                entries.RemoveAt(at);
            return new YamlMap(map.Mark, entries);
        }
        YamlNode below = at >= 0 ? entries[at].Value : new YamlScalar(mark, "", plain: true);
        YamlNode? changed = Apply(below, path[1..], value, mark, faults);
        if (changed is null)
            return null;
        // The key keeps its own place: an unknown key is the option's fault, a wrong value below it too.
        if (at >= 0)
            entries[at] = entries[at] with { Value = changed };
        else
            entries.Add(new YamlEntry(new YamlScalar(mark, key, plain: false), changed));
        return new YamlMap(map.Mark, entries);
    }
}
