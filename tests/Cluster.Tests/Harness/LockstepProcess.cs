using System.Diagnostics;
using System.Text;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>One process of the program: what it says, how it ends, and ways to disturb it.</summary>
public sealed class LockstepProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly Task<int> _exit;

    private LockstepProcess(Process process, string name)
    {
        (_process, _name) = (process, name);
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _exit = WatchAsync();
    }

    public int Id => _process.Id;

    /// <summary>Whether it was killed by <see cref="KillAsync"/>.</summary>
    public bool WasKilled { get; private set; }

    /// <summary>All that it has said so far, standard output and standard error in the order in which they came.</summary>
    public string Transcript
    {
        get
        {
            lock (_gate)
                return $"--- {_name} (process {Id}, {(_exit.IsCompletedSuccessfully ? $"exit code {_exit.Result}" : "running")})\n{string.Join('\n', _lines)}\n";
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="program">The build.</param>
    /// <param name="name">For reports.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="environment">Variables on top of this process's own.</param>
    /// <param name="workingFolder">Where it starts; null for the present one.</param>
    /// <param name="within">A command that puts another one into surroundings of its own and becomes it, as <c>ip netns exec</c> does; null for none.</param>
    public static LockstepProcess Start(
        LockstepProgram program, string name, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? workingFolder = null,
        IReadOnlyList<string>? within = null)
    {
        var start = new ProcessStartInfo(within is null ? LockstepProgram.Host : within[0])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = workingFolder ?? "",
        };
        foreach (string word in within?.Skip(1).Append(LockstepProgram.Host) ?? [])
            start.ArgumentList.Add(word);
        start.ArgumentList.Add(program.Assembly);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string variable, string value) in environment)
            start.Environment[variable] = value;
        return new LockstepProcess(Process.Start(start)!, name);
    }

    /// <summary>The first line, said already or still to come, that contains a text.</summary>
    /// <exception cref="HarnessException">It ended, or the time was up, before it said so.</exception>
    public Task<string> SaysAsync(string text) => SaysAsync(line => line.Contains(text, StringComparison.Ordinal), text);

    /// <summary>The first line that is wanted.</summary>
    public Task<string> SaysAsync(Func<string, bool> wanted, string description) => SaysAsync(wanted, description, said: true);

    /// <summary>The first line, from now on, that contains a text.</summary>
    public Task<string> SaysNextAsync(string text) => SaysAsync(line => line.Contains(text, StringComparison.Ordinal), text, said: false);

    /// <summary>The exit code, once all output has been read.</summary>
    public async Task<int> ExitAsync(TimeSpan? bound = null)
    {
        try
        {
            return await _exit.WaitAsync(bound ?? Bounds.Event);
        }
        catch (TimeoutException e)
        {
            throw new HarnessException($"{_name} (process {Id}) has not ended within {bound ?? Bounds.Event}.", e);
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does, and waits until it is gone; its children are not touched.</summary>
    public async Task KillAsync()
    {
        WasKilled = true;
        Signal(PosixSignals.Kill);
        await ExitAsync();
    }

    /// <summary>Sends it a signal of <see cref="PosixSignals"/>.</summary>
    public void Signal(int signal)
    {
        // The handle is ours: an id alone might be another process's by now.
        if (_process.HasExited)
            return;
        if (signal == PosixSignals.Kill)
            _process.Kill(entireProcessTree: false);
        else
            PosixSignals.Send(_process.Id, signal);
    }

    /// <summary>Pauses it; when this returns, none of its threads runs any more.</summary>
    public void Pause()
    {
        Signal(PosixSignals.Stop);
        if (!SpinWait.SpinUntil(() => Directory.EnumerateDirectories($"/proc/{Id}/task").All(IsStopped), Bounds.Event))
            throw new HarnessException($"{_name} (process {Id}) does not stop.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: false);
            _process.WaitForExit(TimeSpan.FromSeconds(10));
        }
        _process.Dispose();
    }

    private async Task<string> SaysAsync(Func<string, bool> wanted, string description, bool said)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (said && _lines.FirstOrDefault(wanted) is { } line)
                return line;
            if (_exit.IsCompleted)
                throw new HarnessException($"{_name} ended without saying '{description}'.");
            _waiting.Add((wanted, found));
        }
        try
        {
            return await found.Task.WaitAsync(Bounds.Event);
        }
        catch (TimeoutException e)
        {
            throw new HarnessException($"{_name} has not said '{description}' within {Bounds.Event}.", e);
        }
    }

    // The state is the first letter after the name, which stands in brackets and may hold any character.
    private static bool IsStopped(string task)
    {
        string text = File.ReadAllText(Path.Combine(task, "stat"));
        return text[text.LastIndexOf(')') + 2] == 'T';
    }

    private async Task<int> WatchAsync()
    {
        await _process.WaitForExitAsync();
        lock (_gate)
        {
            foreach ((_, TaskCompletionSource<string> found) in _waiting)
                found.TrySetException(new HarnessException($"{_name} ended with exit code {_process.ExitCode} before it said what was waited for."));
        }
        return _process.ExitCode;
    }

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
        {
            _lines.Add(line);
            foreach ((Func<string, bool> wanted, TaskCompletionSource<string> found) in _waiting)
            {
                if (wanted(line))
                    found.TrySetResult(line);
            }
            _waiting.RemoveAll(waiting => waiting.Found.Task.IsCompleted);
        }
    }
}
