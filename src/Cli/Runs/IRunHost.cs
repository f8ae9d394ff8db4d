using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Succession;
using Lockstep.WorkerNode.Running;
using Serilog;

namespace Lockstep.Cli.Runs;

/// <summary>Runs the two kinds of nodes in this process.</summary>
public interface IRunHost
{
    /// <summary>Starts a coordinator; it listens when the task completes.</summary>
    Task<IHostedRun> StartCoordinatorAsync(CoordinatorOptions options, IRunObserver observer, ILogger log, TimeProvider time);

    /// <summary>Stands by for a coordinator; its port is open when this returns.</summary>
    IHostedStandby StandBy(StandbyOptions options, IRunObserver observer, ILogger log, TimeProvider time);

    /// <summary>Works for a coordinator until the run is over, or <paramref name="leave"/> asks to leave.</summary>
    Task<WorkerExit> WorkAsync(WorkerOptions options, ILogger log, CancellationToken leave);
}

/// <summary>A run whose coordinator lives in this process.</summary>
public interface IHostedRun : IAsyncDisposable
{
    /// <summary>HOST:PORT that workers join at.</summary>
    string DataEndpoint { get; }

    /// <summary>The end of the run; observers have been told by then.</summary>
    Task<RunEnded> Completion { get; }

    /// <summary>Finish the step, write a checkpoint, leave.</summary>
    void RequestStop(int signalNumber);
}

/// <summary>A standby that lives in this process.</summary>
public interface IHostedStandby : IAsyncDisposable
{
    /// <summary>The end of its watch, or of the run that it led.</summary>
    Task<StandbyEnd> Completion { get; }

    /// <summary>Leave; or where it leads: finish the step, write a checkpoint, leave.</summary>
    void RequestStop(int signalNumber);
}
