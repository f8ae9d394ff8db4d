using System.Globalization;

namespace Lockstep.Benchmarks.Machine;

/// <summary>How busy the machine is with everything, this program included: times beside a high load mean little.</summary>
internal static class LoadAverage
{
    private const string File = "/proc/loadavg";

    /// <summary>Processes that ran or wanted to, averaged over the last minute; null where the system does not tell.</summary>
    public static double? Now() => System.IO.File.Exists(File)
        ? double.Parse(System.IO.File.ReadAllText(File).Split(' ')[0], CultureInfo.InvariantCulture)
        : null;

    public static string Text() => Now() is { } load ? load.ToString("0.0", CultureInfo.InvariantCulture) : "unknown";
}
