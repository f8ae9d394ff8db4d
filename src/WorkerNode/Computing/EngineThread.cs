using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;
using Lockstep.WorkerNode.DataPlane;
using Lockstep.WorkerNode.Parameters;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.WorkerNode.Computing;

/// <summary>What a computation threw, and on which work.</summary>
public sealed record EngineFailure(long Step, TreeNode Node, Exception Cause);

/// <summary>
/// The worker's engine on a thread of its own, never on the pool: it takes assignments from the board until it is
/// stopped. All memory of the computation is freed on this thread.
/// </summary>
public sealed class EngineThread : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly int _threads;
    private readonly CoordinatorConnection _connection;
    private readonly Action<EngineFailure> _failed;
    private readonly TimeProvider _time;
    private readonly InjectedFault? _injected;
    private readonly VersionSlots _slots;
    private readonly Thread _thread;
    private int _leaves;
    private TimeSpan _busy;

    /// <param name="worker">The worker's incarnation.</param>
    /// <param name="plan">What is trained.</param>
    /// <param name="threads">Compute threads, this one included.</param>
    /// <param name="connection">Where results go.</param>
    /// <param name="time">For measuring speed.</param>
    /// <param name="failed">Told once if a computation throws, on the engine's thread, which then ends.</param>
    /// <param name="injected">A fault that it is to make; null for none.</param>
    public EngineThread(
        long worker, TrainingPlan plan, int threads, CoordinatorConnection connection, TimeProvider time, Action<EngineFailure> failed, InjectedFault? injected = null)
    {
        (_plan, _threads, _connection, _time, _failed, _injected) = (plan, threads, connection, time, failed, injected);
        _slots = new VersionSlots(plan.Network.Layout, time);
        Board = new WorkBoard(new NodeSchedule(worker, plan.Shards), Release);
        _thread = new Thread(Run) { Name = "engine", IsBackground = true };
    }

    /// <summary>Where views and versions are brought to.</summary>
    public WorkBoard Board { get; }

    /// <summary>Where versions land.</summary>
    public VersionSlots Slots => _slots;

    public void Start() => _thread.Start();

    /// <summary>Cancels what is computed and waits for the thread. The connection must be closed before, so that nothing lands any more.</summary>
    public void Dispose()
    {
        Board.Stop();
        if (_thread.IsAlive)
            _thread.Join();
        Board.Dispose();
        _slots.Dispose();
    }

    private void Run()
    {
        try
        {
            Compute();
        }
        catch (Exception e)
        {
            // Outside any node: the threads, or the memory of the computation, could not be had.
            _failed(new EngineFailure(-1, SumTree.Root(_plan.Shards), e));
        }
    }

    private void Compute()
    {
        // Below the threads of the data plane and of the cluster, which must answer while all cores compute.
        ComputeThread.LowerPriority();
        ComputeThread.RequireDenormals();
        using var crew = new ComputeCrew(_threads, lowerPriority: true);
        using var computation = new StepComputation(_plan, crew, _connection, _injected);
        while (Board.Next() is { } assignment)
        {
            long start = _time.GetTimestamp();
            IParameterArrival? arrival = assignment.Version.Arrival;
            TimeSpan waitedBefore = arrival?.Waited ?? TimeSpan.Zero;
            try
            {
                computation.Compute(assignment);
                // The network's time is not the worker's.
                _busy += _time.GetElapsedTime(start) - ((arrival?.Waited ?? TimeSpan.Zero) - waitedBefore);
                _leaves += assignment.Nodes.Sum(node => node.Count);
            }
            catch (OperationCanceledException)
            {
                // The step was decided without this work, or the connection has ended: either way the board knows what is next.
                continue;
            }
            catch (Exception e)
            {
                _failed(new EngineFailure(assignment.Version.Version, Covering(assignment.Nodes), e));
                // Gradients of this step may still be read by the connection, so their memory stays until that has ended.
                Board.AwaitStop();
                return;
            }
        }
    }

    private void Release(HeldVersion version)
    {
        _slots.Release(version);
        try
        {
            _connection.Release(version.Version, _leaves, _busy);
        }
        catch (OperationCanceledException)
        {
            // The connection has ended, and with it everything that the coordinator keeps of this worker: there is nobody to tell.
        }
        (_leaves, _busy) = (0, TimeSpan.Zero);
    }

    // Which of its nodes threw is not known, and others will be given other cuts of them: the smallest node with all of them names them all.
    private static TreeNode Covering(IReadOnlyList<TreeNode> nodes)
    {
        TreeNode covering = nodes[0];
        while (!nodes.All(covering.Contains))
            covering = covering.Parent;
        return covering;
    }
}
