using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Planning;
using Lockstep.Simulation.Costs;
using Lockstep.Transport.Frames;

namespace Lockstep.Simulation.Measuring;

/// <summary>What is done with whole gradients: hashing, adding two of them, and the update, block by block over the job's own layout.</summary>
internal sealed unsafe class ArithmeticMeter : IDisposable
{
    private const int Repetitions = 40;
    private const double SecondsEach = 0.3;

    private readonly TrainingPlan _plan;
    private readonly ParameterLayout _layout;
    private readonly TimeProvider _time;
    private readonly LeastDisturbed _meter;
    private readonly FloatBuffer _parameters;
    private readonly FloatBuffer _gradient;
    private readonly FloatBuffer _working;
    private readonly FloatBuffer _next;
    private readonly FloatBuffer[] _state;
    private readonly double[] _squares;
    private readonly double[] _sums;

    /// <param name="plan">The job.</param>
    /// <param name="parameters">Its parameters; they stay the caller's.</param>
    /// <param name="gradient">A gradient sum; it stays the caller's.</param>
    /// <param name="sums">The sums that belong to it.</param>
    /// <param name="time">The clock.</param>
    public ArithmeticMeter(TrainingPlan plan, FloatBuffer parameters, FloatBuffer gradient, double[] sums, TimeProvider time)
    {
        (_plan, _parameters, _gradient, _sums) = (plan, parameters, gradient, sums);
        _layout = plan.Network.Layout;
        _time = ProcessorTime.Or(time);
        _meter = new LeastDisturbed(_time);
        _working = new FloatBuffer(_layout.Length);
        _next = new FloatBuffer(_layout.Length);
        _state = [.. plan.Rule.StateNames.Select(_ => new FloatBuffer(_layout.Length))];
        _squares = new double[_layout.Blocks.Count];
    }

    private long Bytes => _layout.Length * sizeof(float);

    /// <summary>Seconds a byte of a checksum.</summary>
    public double HashPerByte() => EachBlock(block => Checksum.Of(new ReadOnlySpan<byte>(_gradient.Pointer + block.Offset, block.Length * sizeof(float)))) / Bytes;

    /// <summary>Seconds a byte of adding a block to its sibling.</summary>
    public double AddPerByte() => EachBlock(block => VectorMath.Add(_working.Pointer + block.Offset, _gradient.Pointer + block.Offset, block.Length), Restore) / Bytes;

    /// <summary>The update with one thread and with several.</summary>
    /// <param name="threads">How many.</param>
    public (ThreadedCost Prepare, ThreadedCost Apply) Update(int threads)
    {
        (double prepareAlone, double applyAlone) = UpdateWith(1);
        (double prepare, double apply) = threads == 1 ? (prepareAlone, applyAlone) : UpdateWith(threads);
        double penalty = _meter.Measure(Repetitions, SecondsEach, () => _plan.Rule.PenaltyLoss(_parameters.Pointer));
        double bound = _meter.Measure(Repetitions, SecondsEach, () => _plan.Rule.ApplyMaxNorm(_next.Pointer));
        ThreadedCost first = ThreadedCost.Fit(prepareAlone, threads, prepare), second = ThreadedCost.Fit(applyAlone, threads, apply);
        return (first with { Serial = first.Serial + penalty }, second with { Serial = second.Serial + bound });
    }

    public void Dispose()
    {
        FloatBuffer[] own = [_working, _next, .. _state];
        foreach (FloatBuffer buffer in own)
            buffer.Dispose();
    }

    private (double Prepare, double Apply) UpdateWith(int threads)
    {
        using var crew = new ComputeCrew(threads);
        double prepare = _meter.Measure(Repetitions, SecondsEach, () => Prepare(crew));
        ClipDecision clip = _plan.Rule.Decide(_squares);
        if (!clip.IsFinite)
        {
            // Of a job that overflows in its first step the times are still those of finite numbers.
            _gradient.Span.Clear();
            Prepare(crew);
            clip = _plan.Rule.Decide(_squares);
        }
        return (prepare, _meter.Measure(Repetitions, SecondsEach, () => Apply(crew, clip)));
    }

    // Dividing what is divided already would end in denormal numbers, which are slow.
    private void Restore() => Buffer.MemoryCopy(_gradient.Pointer, _working.Pointer, Bytes, Bytes);

    private double Prepare(ComputeCrew crew)
    {
        Restore();
        double[] seconds = new double[crew.Threads];
        var job = new PrepareJob(this, _plan.Sums.Divisor(_sums), StepSums.SampleCount(_sums), seconds);
        crew.Run(ref job);
        return seconds.Max();
    }

    private double Apply(ComputeCrew crew, ClipDecision clip)
    {
        double[] seconds = new double[crew.Threads];
        var job = new ApplyJob(this, clip, [.. _state.Select(buffer => (nint)buffer.Pointer)], seconds);
        crew.Run(ref job);
        return seconds.Max();
    }

    private double EachBlock(Action<ParameterBlock> what, Action? before = null) => _meter.Measure(
        Repetitions, SecondsEach, () =>
        {
            foreach (ParameterBlock block in _layout.Blocks)
                what(block);
        }, before);

    // Each member's own time counts: the slowest one's is that of all where each has a processor.
    private readonly struct PrepareJob(ArithmeticMeter meter, long divisor, long samples, double[] seconds) : ICrewJob
    {
        public void Execute(int member, int members)
        {
            long start = meter._time.GetTimestamp();
            for (int i = member; i < meter._layout.Blocks.Count; i += members)
            {
                ParameterBlock block = meter._layout.Blocks[i];
                meter._squares[i] = meter._plan.Rule.Prepare(block, meter._working.Pointer + block.Offset, divisor, samples, meter._parameters.Pointer);
            }
            seconds[member] = meter._time.GetElapsedTime(start).TotalSeconds;
        }
    }

    private readonly struct ApplyJob(ArithmeticMeter meter, ClipDecision clip, nint[] state, double[] seconds) : ICrewJob
    {
        public void Execute(int member, int members)
        {
            long start = meter._time.GetTimestamp();
            for (int i = member; i < meter._layout.Blocks.Count; i += members)
            {
                ParameterBlock block = meter._layout.Blocks[i];
                meter._plan.Rule.Apply(block, meter._working.Pointer + block.Offset, clip, step: 0, meter._parameters.Pointer, meter._next.Pointer, state);
            }
            seconds[member] = meter._time.GetElapsedTime(start).TotalSeconds;
        }
    }
}
