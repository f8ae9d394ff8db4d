using Lockstep.Cli.Runs;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Succession;
using Lockstep.WorkerNode.Running;
using Serilog;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary>Coordinators and workers that do what the test says.</summary>
internal sealed class ScriptedHost : IRunHost
{
    public CoordinatorOptions? Coordinator { get; private set; }

    public WorkerOptions? Worker { get; private set; }

    public ScriptedRun? Run { get; private set; }

    public TaskCompletionSource<ScriptedRun> Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What happens as soon as the coordinator has started.</summary>
    public Action<ScriptedRun> Script { get; set; } = run => run.End(RunOutcome.Completed);

    /// <summary>Thrown instead of starting.</summary>
    public Exception? StartFailure { get; set; }

    public WorkerExit WorkerExit { get; set; } = new(WorkerOutcome.RunEnded, "the run has ended");

    public Task<IHostedRun> StartCoordinatorAsync(CoordinatorOptions options, IRunObserver observer, ILogger log, TimeProvider time)
    {
        Coordinator = options;
        if (StartFailure is not null)
            throw StartFailure;
        Run = new ScriptedRun(observer);
        Script(Run);
        Started.SetResult(Run);
        return Task.FromResult<IHostedRun>(Run);
    }

    public StandbyOptions? Standby { get; private set; }

    public StandbyEnd StandbyEnd { get; set; } = new(StandbyOutcome.RunEnded, "the run has ended");

    public IHostedStandby StandBy(StandbyOptions options, IRunObserver observer, ILogger log, TimeProvider time)
    {
        Standby = options;
        return new ScriptedStandby(StandbyEnd);
    }

    public Task<WorkerExit> WorkAsync(WorkerOptions options, ILogger log, CancellationToken leave)
    {
        Worker = options;
        return Task.FromResult(WorkerExit);
    }
}

internal sealed class ScriptedStandby(StandbyEnd end) : IHostedStandby
{
    public Task<StandbyEnd> Completion => Task.FromResult(end);

    public void RequestStop(int signalNumber)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class ScriptedRun(IRunObserver observer) : IHostedRun
{
    private readonly TaskCompletionSource<RunEnded> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string DataEndpoint => "127.0.0.1:4771";

    public Task<RunEnded> Completion => _completion.Task;

    public int? StopSignal { get; private set; }

    public bool Disposed { get; private set; }

    public void Observe(RunEvent runEvent) => observer.Observe(runEvent);

    public void End(RunOutcome outcome, string? explanation = null)
    {
        var end = new RunEnded(
            outcome, 120, [new MetricValue("accuracy", 0.97125)], "runs/digits-1/checkpoints/step-120",
            new string('a', 64), new string('b', 64), explanation);
        observer.Observe(end);
        _completion.SetResult(end);
    }

    public void Fail(Exception exception) => _completion.SetException(exception);

    public void RequestStop(int signalNumber)
    {
        StopSignal = signalNumber;
        End(RunOutcome.Interrupted);
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
