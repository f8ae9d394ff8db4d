namespace Lockstep.Jobs.Yaml;

/// <summary>Text of a job file as messages quote it: short, on one line, and without characters that would steer a terminal.</summary>
internal static class Shown
{
    public static string Of(string text, int most = 40)
    {
        string quoted = string.Create(Math.Min(text.Length, most), text, static (span, text) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = char.IsControl(text[i]) || char.IsSurrogate(text[i]) || text[i] is '\u2028' or '\u2029' ? ' ' : text[i];
        });
        return text.Length <= most ? quoted.Trim() : quoted[..(most - 3)] + "...";
    }
}
