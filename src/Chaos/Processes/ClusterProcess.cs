using System.ComponentModel;
using System.Globalization;
using Lockstep.Launch;

namespace Lockstep.Chaos.Processes;

/// <summary>A process of the program: what it says, how it ends, and what is done to it.</summary>
public sealed class ClusterProcess : IAsyncDisposable
{
    /// <summary>How long one that is asked to end may take. 5 s.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly IStartedProcess _process;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string?> Found)> _waiting = [];

    /// <param name="process">The process, just started.</param>
    /// <param name="name">What it is called in transcripts.</param>
    /// <param name="time">For the bound of its end.</param>
    public ClusterProcess(IStartedProcess process, string name, TimeProvider time)
    {
        (_process, Name, _time) = (process, name, time);
        Ended = WatchAsync(new OutputTail(Add), new OutputTail(Add));
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>The system's number for it.</summary>
    public int Id => _process.Id;

    /// <summary>Its exit code, once it has ended and all that it said is read.</summary>
    public Task<int> Ended { get; }

    /// <summary>Whether it runs.</summary>
    public bool Runs => !_process.Ended.IsCompleted;

    /// <summary>All that it said so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    /// <summary>The lines that it said after so many.</summary>
    public IReadOnlyList<string> LinesAfter(int count)
    {
        lock (_gate)
            return count == _lines.Count ? [] : [.. _lines.Skip(count)];
    }

    /// <summary>What it said and how it ended, for a report.</summary>
    public string Transcript => string.Create(
        CultureInfo.InvariantCulture,
        $"--- {Name} (process {Id}, {(Ended.IsCompletedSuccessfully ? $"exit code {Ended.Result}" : "running")})\n{string.Join('\n', Lines)}\n");

    /// <summary>The first line, said already or still to come, that is wanted; null where it ends without.</summary>
    public Task<string?> SaysAsync(Func<string, bool> wanted)
    {
        lock (_gate)
        {
            if (_lines.FirstOrDefault(wanted) is { } said)
                return Task.FromResult<string?>(said);
            if (Ended is { IsCompleted: true })
                return Task.FromResult<string?>(null);
            var found = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, found));
            return found.Task;
        }
    }

    /// <summary>Ends it by SIGKILL and waits until it is gone.</summary>
    public Task<int> KillAsync()
    {
        _process.Kill();
        return Ended;
    }

    /// <summary>Lets it stand still, or go on; nothing happens where it has ended.</summary>
    /// <param name="still">Whether it is to stand still.</param>
    public void Pause(bool still)
    {
        if (!Runs)
            return;
        try
        {
            PosixSignals.Send(Id, still ? PosixSignals.Stop : PosixSignals.Continue);
        }
        catch (Win32Exception)
        {
            // It has just ended.
        }
    }

    /// <summary>Asks it to end by closing its pipe, and ends it where it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.CloseInput();
        if (PosixSignals.AreThere)
            Pause(still: false);
        try
        {
            await Ended.WaitAsync(Grace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await KillAsync().ConfigureAwait(false);
        }
        _process.Dispose();
    }

    private async Task<int> WatchAsync(OutputTail output, OutputTail error)
    {
        await Task.WhenAll(output.ReadAsync(_process.Output), error.ReadAsync(_process.Error)).ConfigureAwait(false);
        int code = await _process.Ended.ConfigureAwait(false);
        lock (_gate)
        {
            foreach ((_, TaskCompletionSource<string?> found) in _waiting)
                found.TrySetResult(null);
            _waiting.Clear();
        }
        return code;
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            _lines.Add(line);
            foreach ((Func<string, bool> wanted, TaskCompletionSource<string?> found) in _waiting)
            {
                if (wanted(line))
                    found.TrySetResult(line);
            }
            _waiting.RemoveAll(waiting => waiting.Found.Task.IsCompleted);
        }
    }
}
