using System.Globalization;

namespace Lockstep.Simulation.Clusters;

/// <summary>Bandwidths and times as people write them.</summary>
public static class Quantity
{
    private const double BitsPerByte = 8;

    private static readonly (string Unit, double BytesPerSecond)[] Bandwidths =
    [
        ("Tbps", 1e12 / BitsPerByte), ("Gbps", 1e9 / BitsPerByte), ("Mbps", 1e6 / BitsPerByte),
        ("Tbit/s", 1e12 / BitsPerByte), ("Gbit/s", 1e9 / BitsPerByte), ("Mbit/s", 1e6 / BitsPerByte),
        ("TB/s", 1e12), ("GB/s", 1e9), ("MB/s", 1e6),
    ];

    private static readonly (string Unit, double Seconds)[] Times = [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1)];

    /// <summary>Reads a bandwidth: <c>10Gbps</c>, <c>10Gbit/s</c>, <c>1.25GB/s</c>. A small b is a bit, a large B a byte.</summary>
    /// <returns>Bytes a second.</returns>
    /// <exception cref="FormatException">The text is none.</exception>
    public static double ParseBandwidth(string text) =>
        Parse(text, Bandwidths) is { } bandwidth and > 0
            ? bandwidth
            : throw new FormatException($"'{text}' is no bandwidth: write a positive number and its unit, as in 10Gbps, 100Mbps or 1.25GB/s (a small b is a bit, a large B a byte).");

    /// <summary>Reads a time: <c>50us</c>, <c>0.2ms</c>, <c>0s</c>.</summary>
    /// <returns>Seconds.</returns>
    /// <exception cref="FormatException">The text is none.</exception>
    public static double ParseTime(string text) =>
        Parse(text, Times) ?? throw new FormatException($"'{text}' is no time: write a number from 0 up and its unit, as in 50us, 0.2ms or 1s.");

    /// <summary>Writes a bandwidth as <see cref="ParseBandwidth"/> reads it, in bits.</summary>
    public static string Bandwidth(double bytesPerSecond)
    {
        double bits = bytesPerSecond * BitsPerByte;
        return bits switch
        {
            double.PositiveInfinity => "unlimited",
            >= 1e12 => Number(bits / 1e12, "Tbps"),
            >= 1e9 => Number(bits / 1e9, "Gbps"),
            _ => Number(bits / 1e6, "Mbps"),
        };
    }

    /// <summary>Writes a time as <see cref="ParseTime"/> reads it, with three digits.</summary>
    public static string Time(double seconds) => seconds switch
    {
        0 => "0s",
        < 1e-6 => Number(seconds * 1e9, "ns"),
        < 1e-3 => Number(seconds * 1e6, "us"),
        < 1 => Number(seconds * 1e3, "ms"),
        _ => Number(seconds, "s"),
    };

    private static string Number(double value, string unit)
    {
        string digits = value.ToString(value >= 100 ? "0" : value >= 10 ? "0.#" : "0.##", CultureInfo.InvariantCulture);
        return digits + unit;
    }

    // The number ends where the unit begins: units are told apart whole, so that "ms" is no "s".
    private static double? Parse(string text, (string Unit, double Size)[] units)
    {
        string trimmed = text.Trim();
        int end = 0;
        while (end < trimmed.Length && (char.IsAsciiDigit(trimmed[end]) || trimmed[end] == '.'))
            end++;
        string unit = trimmed[end..].TrimStart();
        foreach ((string name, double size) in units)
        {
            if (name == unit && double.TryParse(trimmed.AsSpan(0, end), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
                return number * size;
        }
        return null;
    }
}
