using System.Runtime.ExceptionServices;
using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.WorkerNode.Computing;

/// <summary>
/// Loads samples ahead of need on a thread of its own: decoding, augmentation and laying out go on while the engine computes the step before. Which samples a
/// step has follows from its number alone; which nodes a worker will have of it is guessed to be those that it has now. Its thread lets all others go first:
/// where no core is free it works while the engine waits for a version.
/// </summary>
/// <param name="plan">Whose minibatches are loaded.</param>
internal sealed class LoadingThread(TrainingPlan plan) : IDisposable
{
    private readonly object _gate = new();

    // The engine computes with what one holds while the other is filled.
    private readonly MinibatchLoader[] _loaders = [new(plan), new(plan)];
    private Thread? _thread;
    private int _present;
    private Order? _order;
    private bool _isLoading;
    private bool _stopped;

    /// <summary>A minibatch's nodes: what was loaded ahead, if that is it, else loaded now. It stays until the next call.</summary>
    /// <param name="minibatch">The minibatch.</param>
    /// <param name="nodes">The nodes.</param>
    public Batch Take(in Minibatch minibatch, IReadOnlyList<TreeNode> nodes)
    {
        Order? ahead;
        lock (_gate)
        {
            while (_isLoading)
                Monitor.Wait(_gate);
            ahead = _order;
            _order = null;
        }
        // What was guessed wrong is dropped with whatever came of it, an exception too: nobody asked for it.
        if (ahead is null || ahead.Step != minibatch.Step || !ahead.Nodes.SequenceEqual(nodes))
            return Load(minibatch, nodes);
        ahead.Failure?.Throw();
        _present = 1 - _present;
        return ahead.Batch;
    }

    /// <summary>Loads in the place of what <see cref="Take"/> gave last.</summary>
    public Batch Load(in Minibatch minibatch, IReadOnlyList<TreeNode> nodes) => _loaders[_present].Load(minibatch, nodes);

    /// <summary>Begins to load what the next call of <see cref="Take"/> will most likely ask for.</summary>
    /// <param name="step">The step.</param>
    /// <param name="nodes">The nodes.</param>
    public void Begin(long step, IReadOnlyList<TreeNode> nodes)
    {
        if (_thread is null)
        {
            var thread = new Thread(Run) { Name = "loading", IsBackground = true };
            thread.Start();
            _thread = thread;
        }
        lock (_gate)
        {
            _order = new Order(step, [.. nodes]);
            _isLoading = true;
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        _thread?.Join();
        foreach (MinibatchLoader loader in _loaders)
            loader.Dispose();
    }

    private void Run()
    {
        bool isLowest = false;
        while (Await() is { } order)
        {
            try
            {
                // In here, so that a system that forbids it is a failure of the worker with a message, as any other is.
                if (!isLowest)
                    ComputeThread.LowestPriority();
                isLowest = true;
                order.Batch = _loaders[1 - _present].Load(plan.MinibatchAt(order.Step), order.Nodes);
            }
            catch (Exception e)
            {
                order.Failure = ExceptionDispatchInfo.Capture(e);
            }
            lock (_gate)
            {
                _isLoading = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private Order? Await()
    {
        lock (_gate)
        {
            while (!_stopped && !_isLoading)
                Monitor.Wait(_gate);
            return _stopped ? null : _order;
        }
    }

    private sealed record Order(long Step, TreeNode[] Nodes)
    {
        public Batch Batch { get; set; }

        public ExceptionDispatchInfo? Failure { get; set; }
    }
}
