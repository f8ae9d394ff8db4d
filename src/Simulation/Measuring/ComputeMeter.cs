using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;
using Lockstep.Simulation.Costs;

namespace Lockstep.Simulation.Measuring;

/// <summary>Computes nodes as a worker does, with the job's own loader, model and samples, and notes when what is ready.</summary>
internal sealed unsafe class ComputeMeter : IStepSink, IDisposable
{
    private const int Repetitions = 20;
    private const int LeastRepetitions = 3;
    private const double WarmUpSeconds = 0.7;

    private readonly TrainingPlan _plan;
    private readonly TimeProvider _time;
    private readonly ComputeCrew _crew;
    private readonly Replica _replica;
    private readonly MinibatchLoader _loader;
    private readonly FloatBuffer _parameters;
    private readonly double[] _bucketReady;
    private double _sumsReady;
    private long _beginning;
    private long _step;

    /// <param name="plan">The job.</param>
    /// <param name="parameters">Parameters to compute with; they stay the caller's.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="time">The clock.</param>
    public ComputeMeter(TrainingPlan plan, FloatBuffer parameters, int threads, TimeProvider time)
    {
        (_plan, _parameters) = (plan, parameters);
        // Of several threads the caller's own time is not the whole.
        _time = threads == 1 ? ProcessorTime.Or(time) : time;
        _crew = new ComputeCrew(threads);
        _replica = plan.CreateReplica(_crew);
        _loader = new MinibatchLoader(plan);
        _bucketReady = new double[plan.Network.Layout.Buckets.Count];
        Gradient = new FloatBuffer(plan.Network.Layout.Length);
        Sums = new double[plan.Sums.Length];
    }

    /// <summary>The gradient of the node that was computed last.</summary>
    public FloatBuffer Gradient { get; }

    /// <summary>Its sums.</summary>
    public double[] Sums { get; }

    /// <summary>Measures nodes of 1, 2, 4, … leaves, from the smallest on, for as long as there is time.</summary>
    /// <param name="fewest">Leaves of the smallest, a power of two.</param>
    /// <param name="most">Leaves of the largest, a power of two.</param>
    /// <param name="seconds">The time, warming up included. One size is measured in any case; those that do not fit are left out.</param>
    public NodeCost Measure(int fewest, int most, double seconds)
    {
        long beginning = _time.GetTimestamp();
        do
        {
            Compute(fewest);
        }
        while (Elapsed(beginning) < Math.Min(WarmUpSeconds, seconds / 4));

        var measured = new List<NodeTimes>();
        for (int leaves = fewest; leaves <= most; leaves *= 2)
        {
            double left = seconds - Elapsed(beginning);
            if (measured.Count > 0 && left < 2 * LeastRepetitions * measured[^1].Total)
                break;
            // Larger nodes take as long as all smaller ones together, so each size has half of what is left.
            measured.Add(Measure(leaves, leaves == most ? left : left / 2));
        }
        return new NodeCost(measured);
    }

    void IStepSink.SumsReady(int node, ReadOnlySpan<double> sums)
    {
        sums.CopyTo(Sums);
        _sumsReady = Elapsed(_beginning);
    }

    void IStepSink.BucketReady(int bucket) => _bucketReady[bucket] = Elapsed(_beginning);

    public void Dispose()
    {
        _replica.Dispose();
        _loader.Dispose();
        _crew.Dispose();
        Gradient.Dispose();
    }

    private NodeTimes Measure(int leaves, double seconds)
    {
        long beginning = _time.GetTimestamp();
        Compute(leaves);
        var runs = new List<NodeTimes>();
        while (runs.Count < Repetitions && (runs.Count < LeastRepetitions || Elapsed(beginning) < seconds))
            runs.Add(Compute(leaves));
        return LeastDisturbed.Of(runs, run => run.Total);
    }

    private NodeTimes Compute(int leaves)
    {
        // The last minibatch of an epoch may be a small one.
        Minibatch minibatch = _plan.MinibatchAt(_step);
        if (minibatch.Count < _plan.MinibatchAt(0).Count)
            minibatch = _plan.MinibatchAt(++_step);
        TreeNode[] node = [new TreeNode(0, leaves)];
        nint gradient = (nint)Gradient.Pointer;
        _beginning = _time.GetTimestamp();
        Batch batch = _loader.Load(minibatch, node);
        // A version of its own for each step, or else weights would be packed only once.
        _replica.UseParameters(_parameters.Pointer, _step++);
        _replica.Train(node, _plan.Shards, minibatch.Count, batch, new ReadOnlySpan<nint>(in gradient), this, CancellationToken.None);
        return new NodeTimes(leaves, _sumsReady, [.. _bucketReady], Elapsed(_beginning));
    }

    private double Elapsed(long since) => _time.GetElapsedTime(since).TotalSeconds;
}
