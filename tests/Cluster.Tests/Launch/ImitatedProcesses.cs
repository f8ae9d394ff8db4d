using System.Threading.Channels;
using Lockstep.Launch;

namespace Lockstep.Cluster.Tests.Launch;

/// <summary>A starter whose processes do what the test says.</summary>
internal sealed class ImitatedProcesses : IProcessStarter
{
    private readonly Channel<ImitatedProcess> _started = Channel.CreateUnbounded<ImitatedProcess>();
    private int _nextId = 1000;

    /// <summary>Processes refuse to start from now on.</summary>
    public bool Refuse { get; set; }

    /// <summary>Processes end with exit code 0 as soon as their pipe closes.</summary>
    public bool Obedient { get; set; }

    public IStartedProcess Start(ProcessRequest request)
    {
        if (Refuse)
            throw new WorkerStartException("no more processes", new IOException("EAGAIN"));
        var process = new ImitatedProcess(Interlocked.Increment(ref _nextId), request, Obedient);
        _started.Writer.TryWrite(process);
        return process;
    }

    public async Task<ImitatedProcess> NextAsync() =>
        await _started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public bool StartedAnother => _started.Reader.TryPeek(out _);
}

internal sealed class ImitatedProcess(int id, ProcessRequest request, bool obedient) : IStartedProcess
{
    private readonly TaskCompletionSource<int> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _inputClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProcessRequest Request { get; } = request;

    public int Id { get; } = id;

    public TextReader Output { get; set; } = new StringReader("first line\nlast line\n");

    public TextReader Error { get; set; } = new StringReader("");

    public Task<int> Ended => _end.Task;

    public Task InputClosed => _inputClosed.Task;

    public bool Killed { get; private set; }

    public void End(int exitCode) => _end.TrySetResult(exitCode);

    public void CloseInput()
    {
        _inputClosed.TrySetResult();
        if (obedient)
            End(0);
    }

    public void Kill()
    {
        Killed = true;
        End(137);
    }

    public void Dispose()
    {
    }
}
