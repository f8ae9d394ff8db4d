using Lockstep.Coordinator.Running;
using Lockstep.WorkerNode;
using Serilog;

namespace Lockstep.Cli.Runs;

/// <summary>Holds the place of the coordinator and the worker until their rooms have an entry.</summary>
internal sealed class ClusterHost : IRunHost
{
    public Task<IHostedRun> StartCoordinatorAsync(CoordinatorOptions options, IRunObserver observer, ILogger log, TimeProvider time) =>
        throw new NotSupportedException("This build has no coordinator yet.");

    public Task<WorkerExit> WorkAsync(WorkerOptions options, ILogger log, CancellationToken leave) =>
        throw new NotSupportedException("This build has no worker yet.");
}
