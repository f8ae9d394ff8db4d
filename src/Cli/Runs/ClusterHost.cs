using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Succession;
using Lockstep.WorkerNode.Running;
using Serilog;

namespace Lockstep.Cli.Runs;

/// <summary>Runs the product's own coordinator and worker.</summary>
internal sealed class ClusterHost : IRunHost
{
    public async Task<IHostedRun> StartCoordinatorAsync(CoordinatorOptions options, IRunObserver observer, ILogger log, TimeProvider time) =>
        new HostedRun(await CoordinatorNode.StartAsync(options, observer, log, time).ConfigureAwait(false));

    public IHostedStandby StandBy(StandbyOptions options, IRunObserver observer, ILogger log, TimeProvider time) =>
        new HostedStandby(Standby.Start(options, observer, log, time));

    public Task<WorkerExit> WorkAsync(WorkerOptions options, ILogger log, CancellationToken leave) =>
        Worker.RunAsync(options, log, TimeProvider.System, leave);

    private sealed class HostedRun(CoordinatorNode node) : IHostedRun
    {
        public string DataEndpoint => node.DataEndpoint;

        public Task<RunEnded> Completion => node.Completion;

        public void RequestStop(int signalNumber) => node.RequestStop($"signal {signalNumber}");

        public ValueTask DisposeAsync() => node.DisposeAsync();
    }

    private sealed class HostedStandby(Standby standby) : IHostedStandby
    {
        public Task<StandbyEnd> Completion => standby.Completion;

        public void RequestStop(int signalNumber) => standby.RequestStop($"signal {signalNumber}");

        public ValueTask DisposeAsync() => standby.DisposeAsync();
    }
}
