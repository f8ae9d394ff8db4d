using System.Globalization;

namespace Lockstep.Cli.Downloads;

/// <summary>Tells the progress of downloads: a line when a file begins and when it is here, and one a second between.</summary>
internal sealed class DownloadLines(TextWriter writer, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private string? _file;
    private long _last;

    /// <summary>Takes a report; from any thread.</summary>
    public void Report(DownloadProgress progress)
    {
        lock (_gate)
        {
            bool begins = _file != progress.File;
            bool ends = progress.Total is { } total && progress.Bytes >= total;
            if (!begins && !ends && time.GetElapsedTime(_last) < Pause)
                return;
            if (begins)
                writer.WriteLine($"{progress.File} from {progress.Source}");
            _file = progress.File;
            _last = time.GetTimestamp();
            if (progress.Bytes > 0)
                writer.WriteLine(Line(progress));
        }
    }

    private static string Line(DownloadProgress progress)
    {
        double megabytes = progress.Bytes / 1e6;
        return progress.Total is { } total and > 0
            ? string.Create(CultureInfo.InvariantCulture, $"  {megabytes:0.0} of {total / 1e6:0.0} MB ({100.0 * progress.Bytes / total:0}%)")
            : string.Create(CultureInfo.InvariantCulture, $"  {megabytes:0.0} MB");
    }
}
