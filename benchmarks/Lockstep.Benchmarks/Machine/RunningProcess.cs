using System.Diagnostics;

namespace Lockstep.Benchmarks.Machine;

/// <summary>A process that was started, whose output is read while it runs.</summary>
internal sealed class RunningProcess : IDisposable
{
    /// <summary>Between two looks at the memory of a process and its children: a peak stays visible until they end.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly string _name;
    private readonly Process _process;
    private readonly Task<string> _printed;
    private readonly Task<string> _complaints;

    private RunningProcess(string name, Process process)
    {
        _name = name;
        _process = process;
        _printed = process.StandardOutput.ReadToEndAsync();
        _complaints = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it wrote to its standard output; waits for its end.</summary>
    public string Output => _printed.Result;

    public int Id => _process.Id;

    /// <param name="name">What it is called in messages.</param>
    /// <param name="program">An executable on the path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="InvalidOperationException">It did not start.</exception>
    public static RunningProcess Start(string name, string program, IReadOnlyList<string> arguments) => new(
        name,
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }) ?? throw new InvalidOperationException($"{program} did not start."));

    /// <summary>Waits for the end.</summary>
    /// <param name="patience">How long; then it is ended with all that it started.</param>
    /// <param name="look">Called now and then while it runs; null for nothing.</param>
    /// <exception cref="InvalidOperationException">It failed, or took too long; the message has what it printed.</exception>
    public void Wait(TimeSpan patience, Action? look = null)
    {
        long start = Stopwatch.GetTimestamp();
        while (!_process.WaitForExit(look is null ? patience : LookEvery))
        {
            look?.Invoke();
            if (Stopwatch.GetElapsedTime(start) < patience)
                continue;
            End();
            throw new InvalidOperationException($"{_name} did not end within {patience.TotalMinutes} minutes. It printed:\n{_printed.Result}{_complaints.Result}");
        }
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"{_name} ended with exit code {_process.ExitCode}. It printed:\n{_printed.Result}{_complaints.Result}");
    }

    /// <summary>Ends it, with all that it started, where it still runs.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            End();
        _process.Dispose();
    }

    private void End()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }
}
