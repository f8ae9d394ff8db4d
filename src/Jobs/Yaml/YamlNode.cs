namespace Lockstep.Jobs.Yaml;

/// <summary>An immutable YAML tree. An alias is the anchored node itself, so trees may share branches.</summary>
internal abstract class YamlNode(YamlMark mark, int size, int depth)
{
    public YamlMark Mark { get; } = mark;

    /// <summary>Nodes in this branch, shared ones counted as often as they are met.</summary>
    public int Size { get; } = size;

    /// <summary>Levels below and including this one.</summary>
    public int Depth { get; } = depth;

    /// <summary>What stands here, in words that end a sentence such as "found …".</summary>
    public abstract string Describe();
}

/// <param name="mark">Where it stands.</param>
/// <param name="text">Its characters, escapes resolved.</param>
/// <param name="plain">Whether it stood without quotes: only then can it be a number, a truth value or nothing.</param>
internal sealed class YamlScalar(YamlMark mark, string text, bool plain) : YamlNode(mark, 1, 1)
{
    public string Text { get; } = text;

    public bool Plain { get; } = plain;

    public bool IsNull => Plain && CoreScalars.IsNull(Text);

    /// <summary>Whether it is text by the core types, and not a number, a truth value or nothing.</summary>
    public bool IsText => !Plain || CoreScalars.IsText(Text);

    public override string Describe()
    {
        if (IsNull)
            return "nothing";
        return IsText ? $"the text '{Shown.Of(Text)}'" : Shown.Of(Text);
    }
}

internal sealed class YamlList(YamlMark mark, IReadOnlyList<YamlNode> items)
    : YamlNode(mark, 1 + items.Sum(item => item.Size), 1 + items.Select(item => item.Depth).DefaultIfEmpty().Max())
{
    public IReadOnlyList<YamlNode> Items { get; } = items;

    public override string Describe() => "a list";
}

internal readonly record struct YamlEntry(YamlScalar Key, YamlNode Value);

internal sealed class YamlMap(YamlMark mark, IReadOnlyList<YamlEntry> entries)
    : YamlNode(mark, 1 + entries.Sum(entry => 1 + entry.Value.Size), 1 + entries.Select(entry => entry.Value.Depth).DefaultIfEmpty().Max())
{
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;

    public YamlNode? Find(string key)
    {
        foreach (YamlEntry entry in Entries)
        {
            if (entry.Key.Text == key)
                return entry.Value;
        }
        return null;
    }

    public override string Describe() => Entries.Count == 0
        ? "an empty map"
        : $"a map with {(Entries.Count == 1 ? "the key" : "the keys")} {string.Join(", ", Entries.Take(5).Select(entry => Shown.Of(entry.Key.Text)))}{(Entries.Count > 5 ? ", ..." : "")}";
}
