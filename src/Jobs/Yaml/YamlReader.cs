using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lockstep.Jobs.Yaml;

/// <summary>
/// Text to tree, over the parser's events. The parser's own representation model loads aliases and nesting without
/// bound; here a document is limited in characters, levels and, aliases expanded, nodes.
/// </summary>
internal sealed class YamlReader
{
    public const int MaximumCharacters = 256 * 1024;
    public const int MaximumDepth = 64;
    public const int MaximumNodes = 65_536;

    private readonly string _file;
    private readonly int _columnsBefore;
    private readonly FaultList _faults;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlNode?> _anchors = [];
    private ParsingEvent? _event;

    private YamlReader(string text, string file, int columnsBefore, FaultList faults)
    {
        _file = file;
        _columnsBefore = columnsBefore;
        _faults = faults;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The one document in <paramref name="text"/>, or null after a fault that leaves no tree. An empty document is a null scalar.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="file">What marks call it.</param>
    /// <param name="faults">Takes what is wrong.</param>
    /// <param name="columnsBefore">How many characters stand before <paramref name="text"/> on its first line.</param>
    public static YamlNode? Read(string text, string file, FaultList faults, int columnsBefore = 0)
    {
        if (text.Length > MaximumCharacters)
        {
            faults.Add(new YamlMark(file, 0, 0), "", $"a job file has at most {MaximumCharacters / 1024} KiB, this one has {text.Length / 1024 + 1} KiB");
            return null;
        }
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                faults.Add(new YamlMark(file, 0, 0), "", "the text is not valid Unicode (a lone surrogate)");
                return null;
            }
        }
        var reader = new YamlReader(text, file, columnsBefore, faults);
        try
        {
            return reader.Document();
        }
        catch (Refused refused)
        {
            faults.Add(refused.At, "", refused.Message);
        }
        catch (YamlException exception)
        {
            faults.Add(reader.MarkOf(exception.Start), "", $"not valid YAML: {OneLine(exception.Message)}");
        }
        return null;
    }

    private YamlNode Document()
    {
        Next();
        Next();
        if (_event is StreamEnd)
            return new YamlScalar(new YamlMark(_file, 1, 1), "", plain: true);
        Next();
        YamlNode root = Node(1);
        Next();
        if (_event is DocumentStart second)
            _faults.Add(MarkOf(second.Start), "", "a job file holds one document: remove the second one, from '---' on");
        return root;
    }

    /// <summary>Steps over the present event. The parser answers some broken texts with exceptions that are meant for its caller's mistakes.</summary>
    private void Next()
    {
        try
        {
            if (!_parser.MoveNext())
                throw new Refused(Here, "not valid YAML: the text ends too early");
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new Refused(Here, $"not valid YAML: after this, {OneLine(exception.Message)}");
        }
        _event = _parser.Current;
    }

    /// <summary>One node, from the present event on. Leaves the event after it as the present one.</summary>
    private YamlNode Node(int depth)
    {
        ParsingEvent current = _event!;
        Next();
        YamlMark mark = MarkOf(current.Start);
        if (depth > MaximumDepth)
            throw new Refused(mark, $"nested deeper than {MaximumDepth} levels");
        if (current is AnchorAlias alias)
            return Alias(alias, mark, depth);
        if (current is not NodeEvent node)
            throw new Refused(mark, "not valid YAML: a value was expected here");
        if (!node.Tag.IsEmpty && !(current is Scalar { IsQuotedImplicit: true } && node.Tag.IsNonSpecific))
            _faults.Add(mark, "", $"job files have no tags: remove '{Shown.Of(node.Tag.IsNonSpecific ? "!" : node.Tag.Value)}'");
        string? anchor = node.Anchor.IsEmpty ? null : node.Anchor.Value;
        if (anchor is not null)
            _anchors[anchor] = null;
        YamlNode result = current switch
        {
            Scalar scalar => new YamlScalar(mark, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => List(mark, depth),
            MappingStart => Map(mark, depth),
            _ => throw new Refused(mark, "not valid YAML: a value was expected here"),
        };
        if (anchor is not null)
            _anchors[anchor] = result;
        return result;
    }

    private YamlNode Alias(AnchorAlias alias, YamlMark mark, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out YamlNode? target))
            throw new Refused(mark, $"'*{Shown.Of(alias.Value.Value)}' names no anchor above it");
        if (target is null)
            throw new Refused(mark, $"'*{Shown.Of(alias.Value.Value)}' stands inside the value that it names");
        if (depth + target.Depth - 1 > MaximumDepth)
            throw new Refused(mark, $"nested deeper than {MaximumDepth} levels");
        return target;
    }

    private YamlList List(YamlMark mark, int depth)
    {
        var items = new List<YamlNode>();
        int size = 1;
        while (_event is not SequenceEnd)
        {
            items.Add(Node(depth + 1));
            size = Grown(size, items[^1]);
        }
        Next();
        return new YamlList(mark, items);
    }

    private YamlMap Map(YamlMark mark, int depth)
    {
        var entries = new List<YamlEntry>();
        var known = new HashSet<string>();
        int size = 1;
        while (_event is not MappingEnd)
        {
            YamlNode key = Node(depth + 1);
            YamlNode value = Node(depth + 1);
            size = Grown(Grown(size, key), value);
            if (key is not YamlScalar name)
                _faults.Add(key.Mark, "", $"a key must be a plain word, found {key.Describe()}");
            else if (!known.Add(name.Text))
                _faults.Add(key.Mark, "", $"'{Shown.Of(name.Text)}' stands twice in one map: keep one of the two");
            else
                entries.Add(new YamlEntry(name, value));
        }
        Next();
        return new YamlMap(mark, entries);
    }

    /// <summary>Refuses a document whose aliases multiply ("a billion laughs") before anything walks it.</summary>
    private static int Grown(int size, YamlNode child)
    {
        long grown = (long)size + child.Size;
        return grown <= MaximumNodes ? (int)grown : throw new Refused(child.Mark, $"more than {MaximumNodes} values, aliases expanded");
    }

    private YamlMark Here => _event is null ? new YamlMark(_file, 1, 1) : MarkOf(_event.Start);

    private YamlMark MarkOf(Mark mark) => new(
        _file,
        (int)Math.Max(1, mark.Line),
        (int)Math.Max(1, mark.Column) + (mark.Line <= 1 ? _columnsBefore : 0));

    private static string OneLine(string message) => Shown.Of(message, 200);

    /// <summary>Ends the reading of a document that would be dangerous or meaningless to read on.</summary>
    private sealed class Refused(YamlMark at, string message) : Exception(message)
    {
        public YamlMark At { get; } = at;
    }
}
