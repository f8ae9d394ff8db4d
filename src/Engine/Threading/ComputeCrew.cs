using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Threading;

/// <summary>
/// Threads of our own that do one job together: the caller is member 0, the others wait for it. Fork and join cost
/// well under a microsecond while the members are awake, and nothing is allocated. Never the thread pool: compute
/// there starves whoever serves the network.
/// </summary>
public sealed unsafe class ComputeCrew : IDisposable
{
    // Some 50 µs: longer than the pauses between the products of a step, shorter than a scheduler's time slice.
    private const int SpinsWithACoreEach = 700;
    private const int SharedScratches = 3;

    private readonly Thread[] _threads;
    private readonly CrewGate[] _start;
    private readonly CrewGate _unfinished;
    private readonly Exception?[] _failures;
    private readonly FloatBuffer?[] _scratch;
    private delegate*<void*, int, int, void> _execute;
    private void* _job;
    private int _running;
    private bool _disposed;

    /// <param name="threads">How many members, the caller included; at least 1.</param>
    /// <param name="lowerPriority">Whether the crew's own threads let network threads go first (<see cref="ComputeThread.LowerPriority"/>).</param>
    public ComputeCrew(int threads, bool lowerPriority = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        int spins = threads <= Environment.ProcessorCount ? SpinsWithACoreEach : 0;
        _unfinished = new CrewGate(0, spins);
        _failures = new Exception?[threads];
        _scratch = new FloatBuffer?[threads + SharedScratches];
        _start = new CrewGate[threads - 1];
        _threads = new Thread[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int member = i + 1;
            _start[i] = new CrewGate(0, spins);
            _threads[i] = new Thread(() => Serve(member, lowerPriority)) { IsBackground = true, Name = $"compute {member}" };
            _threads[i].Start();
        }
    }

    /// <summary>How many members, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Runs the job's parts on all members and returns when all are done.</summary>
    /// <exception cref="InvalidOperationException">The crew is at work already: a job ran the crew it runs on, or two threads share it.</exception>
    /// <exception cref="AggregateException">Several members failed; if one did, its own exception comes.</exception>
    public void Run<TJob>(ref TJob job)
        where TJob : struct, ICrewJob
    {
        Enter();
        try
        {
            if (Threads == 1)
                job.Execute(0, 1);
            else
                ForkAndJoin(ref job);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>Does all members' parts on the caller, one after another: for jobs that are smaller than a fork.</summary>
    internal void RunAlone<TJob>(ref TJob job)
        where TJob : struct, ICrewJob
    {
        Enter();
        try
        {
            for (int member = 0; member < Threads; member++)
                job.Execute(member, Threads);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>Native memory of one member, kept from call to call; what it held may be lost when it grows.</summary>
    internal float* MemberScratch(int member, long length) => Scratch(member, length);

    /// <summary>Native memory that all members share. Only the caller may ask for it, outside a run.</summary>
    internal float* SharedScratch(int slot, long length) => Scratch(Threads + slot, length);

    /// <summary>Ends the threads and gives the memory back.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (CrewGate gate in _start)
            gate.Add(1);
        foreach (Thread thread in _threads)
            thread.Join();
        foreach (FloatBuffer? buffer in _scratch)
            buffer?.Dispose();
    }

    private static void Invoke<TJob>(void* job, int member, int members)
        where TJob : struct, ICrewJob => Unsafe.AsRef<TJob>(job).Execute(member, members);

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ComputeThread.RequireDenormals();
        if (Interlocked.Exchange(ref _running, 1) != 0)
            throw new InvalidOperationException("The crew is at work already: a job must not run the crew that it runs on, and a crew has one caller at a time.");
    }

    private void ForkAndJoin<TJob>(ref TJob job)
        where TJob : struct, ICrewJob
    {
        // The copy lies on this stack, which nothing moves, so the members may reach it by its address.
        TJob shared = job;
        _job = Unsafe.AsPointer(ref shared);
        _execute = &Invoke<TJob>;
        _unfinished.Reset(_threads.Length);
        foreach (CrewGate gate in _start)
            gate.Add(1);
        ExecuteAs(0);
        _unfinished.Await(0);
        job = shared;
        _job = null;
        Rethrow();
    }

    private void Serve(int member, bool lowerPriority)
    {
        Exception? unfit = Prepare(lowerPriority);
        int generation = 0;
        while (true)
        {
            _start[member - 1].Await(++generation);
            if (Volatile.Read(ref _disposed))
                return;
            if (unfit is null)
                ExecuteAs(member);
            else
                _failures[member] = unfit;
            _unfinished.Add(-1);
        }
    }

    private static Exception? Prepare(bool lowerPriority)
    {
        try
        {
            ComputeThread.RequireDenormals();
            if (lowerPriority)
                ComputeThread.LowerPriority();
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }
    }

    // Whatever a member throws is carried to the caller by Rethrow.
    private void ExecuteAs(int member)
    {
        try
        {
            _execute(_job, member, Threads);
        }
        catch (Exception exception)
        {
            _failures[member] = exception;
        }
    }

    private void Rethrow()
    {
        List<Exception>? failures = null;
        for (int member = 0; member < _failures.Length; member++)
        {
            if (_failures[member] is not { } failure)
                continue;
            _failures[member] = null;
            (failures ??= []).Add(failure);
        }
        if (failures is null)
            return;
        if (failures.Count == 1)
            ExceptionDispatchInfo.Throw(failures[0]);
        throw new AggregateException(failures);
    }

    private float* Scratch(int slot, long length)
    {
        FloatBuffer? buffer = _scratch[slot];
        if (buffer is null || buffer.Length < length)
        {
            buffer?.Dispose();
            _scratch[slot] = buffer = new FloatBuffer(length);
        }
        return buffer.Pointer;
    }
}
