using System.Text.RegularExpressions;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

internal sealed class BooleanShape : Shape
{
    public override string Expected => "true or false";

    public override object? Bind(YamlNode node, string path, BindingContext context) =>
        node is YamlScalar { Plain: true } scalar && CoreScalars.Boolean(scalar.Text) is bool value ? value : Mismatch(node, path, context);

    public override YamlNode Write(object value) => Plain((bool)value ? "true" : "false");
}

/// <summary>Text of one line. Its <see cref="Kind"/> says what it must be besides.</summary>
internal sealed partial class TextShape(TextKind kind) : Shape
{
    public const int MaximumLength = 4096;

    public TextKind Kind => kind;

    public override string Expected => kind switch
    {
        TextKind.Name => "a name of up to 64 letters, digits, '_' and '-' that starts with a letter or '_'",
        TextKind.FileName => "a name of up to 64 letters, digits, '_', '-' and '.' that starts with a letter, a digit or '_'",
        TextKind.NameOrNumber => "a name or a number",
        TextKind.FilePath => "the path of a file",
        TextKind.FilePattern => "the path of a file, or of several with * and ?",
        TextKind.FolderPath => "the path of a folder",
        _ => "text",
    };

    public override object? Bind(YamlNode node, string path, BindingContext context)
    {
        if (node is not YamlScalar scalar || scalar.IsNull)
            return Mismatch(node, path, context);
        string text = scalar.Text;
        bool isNumber = scalar.Plain && CoreScalars.Number(text) is not null;
        if (!scalar.IsText && !(isNumber && kind == TextKind.NameOrNumber))
        {
            context.Fault(node, path, $"'{BindingContext.Label(path)}': expected {Expected}, found {node.Describe()}: put it in quotes if it is text");
            return null;
        }
        if (text.Length is 0 or > MaximumLength || text.Any(char.IsControl) || !Fits(text))
            return Mismatch(node, path, context);
        if (context.Files is { } files && !IsThere(text, files))
        {
            string what = kind == TextKind.FolderPath ? "folder" : "file";
            context.Fault(node, path, $"'{BindingContext.Label(path)}': there is no {what} '{Shown.Of(text, 400)}'; looked for {string.Join(" and ", files.Candidates(text))}");
            return null;
        }
        return text;
    }

    public override YamlNode Write(object value) => Text((string)value);

    private bool IsThere(string path, JobSource files) => kind switch
    {
        TextKind.FilePath => files.Find(path) is not null,
        TextKind.FilePattern => files.FindPattern(path) is not null,
        TextKind.FolderPath => files.FindFolder(path) is not null,
        _ => true,
    };

    private bool Fits(string text) => kind switch
    {
        TextKind.Name => NamePattern().IsMatch(text),
        TextKind.FileName => FileNamePattern().IsMatch(text),
        _ => true,
    };

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    public static partial Regex NamePattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\z", RegexOptions.CultureInvariant)]
    public static partial Regex FileNamePattern();
}

internal enum TextKind
{
    Any,
    Name,
    FileName,
    FilePath,
    FilePattern,
    FolderPath,
    NameOrNumber,
}

/// <summary>One word of a few.</summary>
internal sealed class WordShape : Shape
{
    private readonly Dictionary<string, object> _values = [];
    private readonly Dictionary<object, string> _words = [];

    public WordShape(Type type)
    {
        foreach (object value in Enum.GetValues(type))
        {
            string word = KeyName.Of(value.ToString()!);
            Words.Add(word);
            _values.Add(word, value);
            _words.Add(value, word);
        }
        NotYet = KeyName.NotYet(type);
    }

    public List<string> Words { get; } = [];

    public IReadOnlyList<string> NotYet { get; }

    public override string Expected => Words.Count == 1 ? $"'{Words[0]}'" : $"one of {string.Join(", ", Words)}";

    public override object? Bind(YamlNode node, string path, BindingContext context)
    {
        string? word = node switch
        {
            YamlScalar { IsText: true } scalar => scalar.Text,
            YamlMap { Entries: [var entry] } when NotYet.Contains(entry.Key.Text) => entry.Key.Text,
            _ => null,
        };
        if (word is null)
            return Mismatch(node, path, context);
        if (_values.TryGetValue(word, out object? value))
            return value;
        context.Fault(node, path, KeyName.Unknown(word, BindingContext.Label(path), Words, NotYet));
        return null;
    }

    public override YamlNode Write(object value) => Text(_words[value]);
}
