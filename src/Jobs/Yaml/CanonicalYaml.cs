using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lockstep.Jobs.Yaml;

/// <summary>
/// Writes a tree in exactly one way, so that equal jobs are equal bytes: block style, two spaces a level, list items
/// indented below their key, LF, quotes only where the text would otherwise not be read back as text.
/// </summary>
internal static partial class CanonicalYaml
{
    public static string Write(YamlMap root)
    {
        var text = new StringBuilder();
        Map(text, root, 0);
        return text.ToString();
    }

    /// <summary>The shortest text that reads back as the same float64.</summary>
    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => ".inf",
        double.NegativeInfinity => "-.inf",
        _ when double.IsNaN(value) => ".nan",
        _ => value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant(),
    };

    private static void Map(StringBuilder text, YamlMap map, int indent, bool firstIsPlaced = false)
    {
        foreach (YamlEntry entry in map.Entries)
        {
            if (!firstIsPlaced)
                text.Append(' ', indent);
            firstIsPlaced = false;
            Scalar(text, entry.Key);
            text.Append(':');
            Value(text, entry.Value, indent + 2);
        }
    }

    /// <summary>What follows a key's colon: on the same line if it fits there, else below at <paramref name="indent"/>.</summary>
    private static void Value(StringBuilder text, YamlNode node, int indent)
    {
        switch (node)
        {
            case YamlMap { Entries.Count: > 0 } map:
                text.Append('\n');
                Map(text, map, indent);
                break;
            case YamlList { Items.Count: > 0 } list:
                text.Append('\n');
                List(text, list, indent);
                break;
            default:
                text.Append(' ');
                Inline(text, node);
                break;
        }
    }

    private static void List(StringBuilder text, YamlList list, int indent)
    {
        foreach (YamlNode item in list.Items)
        {
            text.Append(' ', indent).Append('-').Append(' ');
            if (item is YamlMap { Entries.Count: > 0 } map)
                Map(text, map, indent + 2, firstIsPlaced: true);
            else if (item is YamlList { Items.Count: > 0 })
                throw new InvalidOperationException("The job format has no list of lists");
            else
                Inline(text, item);
        }
    }

    private static void Inline(StringBuilder text, YamlNode node)
    {
        if (node is YamlScalar scalar)
            Scalar(text, scalar);
        else
            text.Append(node is YamlMap ? "{}" : "[]");
        text.Append('\n');
    }

    private static void Scalar(StringBuilder text, YamlScalar scalar)
    {
        if (scalar.Plain || (PlainWord().IsMatch(scalar.Text) && scalar.Text.Length <= 256 && CoreScalars.IsText(scalar.Text)))
        {
            text.Append(scalar.Text);
            return;
        }
        text.Append('"');
        foreach (char c in scalar.Text)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c < ' ' || c is (>= '\u007f' and <= '\u00a0') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff')
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                text.Append(c);
        }
        text.Append('"');
    }

    [GeneratedRegex(@"^(\.{0,2}/)?[A-Za-z_][A-Za-z0-9_./-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainWord();
}
