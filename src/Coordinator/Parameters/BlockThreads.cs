using System.Runtime.ExceptionServices;
using Lockstep.Engine.Threading;

namespace Lockstep.Coordinator.Parameters;

/// <summary>What is to be done with a block.</summary>
internal enum BlockWork
{
    /// <summary>The sums of two siblings are added.</summary>
    Add = 0,

    /// <summary>A sum is not needed any more.</summary>
    Return,

    /// <summary>The sum over all leaves becomes the gradient, and where nothing else is needed for it the update is made.</summary>
    Settle,

    /// <summary>The update is made.</summary>
    Apply,
}

/// <summary>Something to be done with a block.</summary>
/// <param name="Work">What.</param>
/// <param name="Block">The block.</param>
/// <param name="Sum">The sum that it is done with.</param>
/// <param name="Other">The sibling that is added.</param>
/// <param name="Into">Receives what they make, and may be one of them.</param>
internal readonly record struct BlockTask(BlockWork Work, int Block, NodeSum? Sum = null, NodeSum? Other = null, NodeSum? Into = null);

/// <summary>
/// Threads that do the arithmetic of the parameter server's blocks, while its own thread goes on judging what arrives. A block belongs to one
/// thread, which does what there is to do with it in the order in which it was posted, so how many threads there are changes no bit.
/// With one thread there is none: the caller does the work at once. So he does with blocks that are not the threads'.
/// </summary>
internal sealed class BlockThreads : IDisposable
{
    // Tasks of a thread that may wait for more before it is woken. Where cores are short a woken thread takes the poster's, so that each task would cost two switches.
    private const int HeldTasks = 4;

    private readonly Action<BlockTask> _execute;
    private readonly Func<int, bool>? _isTheirs;
    private readonly Lane[] _lanes;
    private bool _holds;

    /// <param name="threads">How many, at least 1.</param>
    /// <param name="execute">Does one thing; called on the block's thread.</param>
    /// <param name="isTheirs">Whether a block is the threads', always the same for one; null where all are.</param>
    public BlockThreads(int threads, Action<BlockTask> execute, Func<int, bool>? isTheirs = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_execute, _isTheirs) = (execute, isTheirs);
        _lanes = threads == 1 ? [] : [.. Enumerable.Range(0, threads).Select(number => new Lane(number, execute))];
    }

    /// <summary>Whether there are none, so that whoever posts something does it.</summary>
    public bool AreCallers => _lanes.Length == 0;

    /// <summary>Gives a block's thread something to do.</summary>
    public void Post(in BlockTask task)
    {
        if (_lanes.Length == 0 || _isTheirs?.Invoke(task.Block) == false)
            _execute(task);
        else
            _lanes[task.Block % _lanes.Length].Post(task, wakeAt: _holds ? HeldTasks : 1);
    }

    /// <summary>Much is posted from here on: a thread need not be woken for each task. Until <see cref="LetGo"/>, by the same caller.</summary>
    public void Hold() => _holds = true;

    /// <summary>Wakes whoever has something to do.</summary>
    public void LetGo()
    {
        _holds = false;
        foreach (Lane lane in _lanes)
            lane.Wake();
    }

    /// <summary>Waits until everything that was posted is done.</summary>
    /// <exception cref="Exception">What the first task threw that failed; nothing is done after it on its thread.</exception>
    public void Drain()
    {
        foreach (Lane lane in _lanes)
            lane.Drain();
    }

    /// <summary>Ends the threads once they have done what they were given.</summary>
    public void Dispose()
    {
        foreach (Lane lane in _lanes)
            lane.Dispose();
    }

    private sealed class Lane : IDisposable
    {
        private readonly object _gate = new();
        private readonly Queue<BlockTask> _tasks = [];
        private readonly Action<BlockTask> _execute;
        private readonly Thread _thread;
        private Exception? _failure;
        private bool _idle;
        private bool _closed;

        public Lane(int number, Action<BlockTask> execute)
        {
            _execute = execute;
            _thread = new Thread(Run) { Name = $"parameter blocks {number}", IsBackground = true };
            _thread.Start();
        }

        public void Post(in BlockTask task, int wakeAt)
        {
            lock (_gate)
            {
                _tasks.Enqueue(task);
                if (_tasks.Count >= wakeAt)
                    WakeIdle();
            }
        }

        public void Wake()
        {
            lock (_gate)
                WakeIdle();
        }

        public void Drain()
        {
            lock (_gate)
            {
                WakeIdle();
                while (!_idle || _tasks.Count > 0)
                    Monitor.Wait(_gate);
                if (_failure is not null)
                    ExceptionDispatchInfo.Throw(_failure);
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _closed = true;
                Monitor.PulseAll(_gate);
            }
            _thread.Join();
        }

        private void WakeIdle()
        {
            if (_idle && _tasks.Count > 0)
                Monitor.PulseAll(_gate);
        }

        private void Run()
        {
            try
            {
                ComputeThread.RequireDenormals();
            }
            catch (InvalidOperationException unfit)
            {
                _failure = unfit;
            }
            while (TryTake(out BlockTask task))
            {
                try
                {
                    if (_failure is null)
                        _execute(task);
                }
                catch (Exception failure)
                {
                    // Whoever waits for the block hears of it.
                    _failure = failure;
                }
            }
        }

        private bool TryTake(out BlockTask task)
        {
            lock (_gate)
            {
                while (!_tasks.TryDequeue(out task))
                {
                    _idle = true;
                    Monitor.PulseAll(_gate);
                    if (_closed)
                        return false;
                    Monitor.Wait(_gate);
                }
                _idle = false;
                return true;
            }
        }
    }
}
