using System.Globalization;
using Lockstep.Launch;

namespace Lockstep.Endurance;

/// <summary>
/// Starts a run's processes and looks at the first one, the coordinator, every few seconds for as long as it lives: resident memory, threads, open files.
/// </summary>
public sealed class ProcessGauge : IProcessStarter, IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    // The collector frees when it likes: so much, and a tenth, is no growth.
    private const double SlackMegabytes = 24;
    private const int SlackThreads = 6, SlackFiles = 12;

    private readonly SystemProcessStarter _system = new();
    private readonly List<Sample> _samples = [];
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private int? _coordinator;

    private readonly record struct Sample(double Megabytes, int Threads, int Files);

    public IStartedProcess Start(ProcessRequest request)
    {
        IStartedProcess process = _system.Start(request);
        if (_coordinator is null)
        {
            _coordinator = process.Id;
            _timer = TimeProvider.System.CreateTimer(_ => Look(), null, Between, Between);
        }
        return process;
    }

    /// <summary>What grew from the second quarter of its life to the last one; null for nothing.</summary>
    public string? Growth
    {
        get
        {
            (Sample early, Sample late) = (Of(1), Of(3));
            return late.Megabytes > (early.Megabytes * 1.1) + SlackMegabytes ? "memory"
                : late.Threads > early.Threads + SlackThreads ? "threads"
                : late.Files > early.Files + SlackFiles ? "open files"
                : null;
        }
    }

    /// <summary>Writes the medians of each quarter of the coordinator's life.</summary>
    public async Task WriteAsync(TextWriter output)
    {
        await output.WriteLineAsync("| quarter of the run | resident memory, MiB | threads | open files |");
        await output.WriteLineAsync("| --- | --- | --- | --- |");
        for (int quarter = 0; quarter < 4; quarter++)
        {
            Sample median = Of(quarter);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {quarter + 1} | {median.Megabytes:0} | {median.Threads} | {median.Files} |"));
        }
        await output.WriteLineAsync(Growth is { } grown ? $"{grown} grew" : "nothing grew");
    }

    public void Dispose() => _timer?.Dispose();

    private Sample Of(int quarter)
    {
        lock (_gate)
        {
            Sample[] part = [.. _samples.Skip(_samples.Count * quarter / 4).Take(Math.Max(1, _samples.Count / 4))];
            return new Sample(
                Median(part.Select(sample => sample.Megabytes)), (int)Median(part.Select(sample => (double)sample.Threads)), (int)Median(part.Select(sample => (double)sample.Files)));
        }
    }

    private static double Median(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }

    private void Look()
    {
        try
        {
            string[] status = File.ReadAllLines($"/proc/{_coordinator}/status");
            var sample = new Sample(
                NumberOf(status, "VmRSS:") / 1024.0, NumberOf(status, "Threads:"), Directory.EnumerateFileSystemEntries($"/proc/{_coordinator}/fd").Count());
            lock (_gate)
                _samples.Add(sample);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended.
        }
    }

    private static int NumberOf(string[] status, string name) =>
        int.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
}
