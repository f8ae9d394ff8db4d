using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Jobs.Yaml;

/// <summary>The core types of YAML 1.2 (section 10.3.2) for plain scalars, and the quotient <c>a/b</c>, which is ours.</summary>
internal static partial class CoreScalars
{
    public static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    public static bool? Boolean(string text) => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    /// <summary>Text is what no other core type claims. A quotient is text until a number is asked for.</summary>
    public static bool IsText(string text) => !IsNull(text) && Boolean(text) is null && Single(text) is null;

    /// <summary>The number nearest to what is written; null if it is none. <c>1/255</c> divides in float64.</summary>
    public static double? Number(string text)
    {
        int slash = text.IndexOf('/');
        if (slash < 0)
            return Single(text);
        double? numerator = Single(text[..slash].TrimEnd());
        double? denominator = Single(text[(slash + 1)..].TrimStart());
        return numerator / denominator;
    }

    /// <summary>The whole number that is written; null if it is none, or of more than 30 digits.</summary>
    public static Int128? Integer(string text)
    {
        if (DecimalInteger().IsMatch(text))
            return Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 value) && text.Length <= 31 ? value : null;
        if (RadixInteger().IsMatch(text))
            return Radix(text);
        // 1e3, 12.0 and 60/4 are whole numbers too, as far as float64 holds them exactly.
        return Number(text) is double number && Math.Abs(number) <= 1L << 53 && double.IsInteger(number) ? (Int128)number : null;
    }

    private static double? Single(string text) => text switch
    {
        ".nan" or ".NaN" or ".NAN" => double.NaN,
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => double.PositiveInfinity,
        "-.inf" or "-.Inf" or "-.INF" => double.NegativeInfinity,
        _ when RadixInteger().IsMatch(text) => (double)Radix(text),
        _ when Float().IsMatch(text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static Int128 Radix(string text)
    {
        int bits = text[1] == 'x' ? 4 : 3;
        Int128 value = 0;
        foreach (char digit in text.AsSpan(2))
            value = (value << bits) | Convert.ToInt32(digit.ToString(), 16);
        return value;
    }

    [GeneratedRegex(@"^[-+]?[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalInteger();

    [GeneratedRegex(@"^(0o[0-7]{1,21}|0x[0-9a-fA-F]{1,16})\z", RegexOptions.CultureInvariant)]
    private static partial Regex RadixInteger();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
