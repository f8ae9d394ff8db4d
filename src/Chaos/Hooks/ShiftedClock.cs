using System.Globalization;

namespace Lockstep.Chaos.Hooks;

/// <summary>
/// A clock whose wall time is off by as many seconds as a file says, read anew at every question; timestamps and timers, which count
/// and do not tell the hour, are the system's. It is this program's clock alone: what libraries ask the system themselves is not shifted.
/// </summary>
/// <param name="path">The file: a whole number, or nothing where it is not there.</param>
/// <param name="time">The true clock.</param>
public sealed class ShiftedClock(string path, TimeProvider time) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long TimestampFrequency => time.TimestampFrequency;

    /// <summary>Writes by how many seconds the clocks that read the file are off from now on.</summary>
    public static void Set(string path, long seconds)
    {
        string beside = path + ".next";
        File.WriteAllText(beside, seconds.ToString(CultureInfo.InvariantCulture));
        File.Move(beside, path, overwrite: true);
    }

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow().AddSeconds(Shift());

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);

    private long Shift()
    {
        try
        {
            return long.Parse(File.ReadAllText(path), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
