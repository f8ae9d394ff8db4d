using System.Diagnostics;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Steps;

/// <summary>
/// Training in one process, with the parts that a worker and the parameter server have: loader, replica and update rule. The
/// whole minibatch is one node of the sum tree.
/// </summary>
internal sealed unsafe class TrainingLoop : IStepSink, IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly ParameterLayout _layout;
    private readonly ComputeCrew _crew;
    private readonly Replica _replica;
    private readonly MinibatchLoader _loader;
    private readonly TreeNode[] _root;
    private readonly double[] _sums;
    private readonly double[] _squares;
    private readonly FloatBuffer _gradient;
    private FloatBuffer _current;
    private FloatBuffer _next;
    private long _step;
    private long _forwardDone;

    /// <param name="plan">What is trained; plain SGD without momentum.</param>
    /// <param name="threads">Compute threads.</param>
    public TrainingLoop(TrainingPlan plan, int threads)
    {
        if (plan.Rule.StateNames.Count > 0)
            throw new ArgumentException("The loop keeps no optimizer state: take SGD without momentum.", nameof(plan));
        _plan = plan;
        _layout = plan.Network.Layout;
        _crew = new ComputeCrew(threads);
        _replica = plan.CreateReplica(_crew);
        _loader = new MinibatchLoader(plan);
        _root = [SumTree.Root(plan.Shards)];
        _sums = new double[plan.Sums.Length];
        _squares = new double[_layout.Blocks.Count];
        _gradient = new FloatBuffer(_layout.Length);
        _current = InitialParameters.Of(plan, JobSource.OfFolder("."));
        _next = new FloatBuffer(_layout.Length);
    }

    /// <summary>The mean loss of the last step's minibatch.</summary>
    public double Loss => _plan.Sums.LossValue(_sums);

    /// <summary>Trains one step.</summary>
    public StepTimes Step()
    {
        long start = Stopwatch.GetTimestamp();
        Minibatch minibatch = _plan.MinibatchAt(_step);
        Batch batch = _loader.Load(minibatch, _root);
        long loaded = Stopwatch.GetTimestamp();

        nint gradient = (nint)_gradient.Pointer;
        _replica.UseParameters(_current.Pointer, _step);
        _replica.Train(_root, _plan.Shards, minibatch.Count, batch, new ReadOnlySpan<nint>(in gradient), this, CancellationToken.None);
        long trained = Stopwatch.GetTimestamp();

        long divisor = _plan.Sums.Divisor(_sums), samples = StepSums.SampleCount(_sums);
        long prepared = _plan.Rule.IsBlockwise ? UpdateBlockwise(divisor, samples) : PrepareAndUpdate(divisor, samples);
        (_current, _next) = (_next, _current);
        _step++;
        long updated = Stopwatch.GetTimestamp();
        return new StepTimes(loaded - start, _forwardDone - loaded, trained - _forwardDone, prepared - trained, updated - prepared);
    }

    // As the parameter server does where it can. Returns when the update began, as the other does.
    private long UpdateBlockwise(long divisor, long samples)
    {
        long start = Stopwatch.GetTimestamp();
        var update = new BlockwiseUpdateJob
        {
            Rule = _plan.Rule,
            Layout = _layout,
            Step = _step,
            Gradient = _gradient.Pointer,
            Parameters = _current.Pointer,
            NewParameters = _next.Pointer,
            Divisor = divisor,
            Samples = samples,
            Squares = _squares,
        };
        _crew.Run(ref update);
        if (!_plan.Rule.Decide(_squares).IsFinite)
            throw new InvalidOperationException($"The gradient of step {_step} is not finite.");
        return start;
    }

    private long PrepareAndUpdate(long divisor, long samples)
    {
        var preparation = new PreparationJob
        {
            Rule = _plan.Rule,
            Layout = _layout,
            Gradient = _gradient.Pointer,
            Parameters = _current.Pointer,
            Divisor = divisor,
            Samples = samples,
            Squares = _squares,
        };
        _crew.Run(ref preparation);
        ClipDecision clip = _plan.Rule.Decide(_squares);
        long prepared = Stopwatch.GetTimestamp();
        var update = new UpdateJob
        {
            Rule = _plan.Rule,
            Layout = _layout,
            Clip = clip,
            Step = _step,
            Gradient = _gradient.Pointer,
            Parameters = _current.Pointer,
            NewParameters = _next.Pointer,
        };
        _crew.Run(ref update);
        return prepared;
    }

    void IStepSink.SumsReady(int node, ReadOnlySpan<double> sums)
    {
        sums.CopyTo(_sums);
        _forwardDone = Stopwatch.GetTimestamp();
    }

    void IStepSink.BucketReady(int bucket)
    {
        // Nobody waits for a part of the gradient: in one process the update begins when all of it is there.
    }

    public void Dispose()
    {
        _replica.Dispose();
        _loader.Dispose();
        _crew.Dispose();
        _gradient.Dispose();
        _current.Dispose();
        _next.Dispose();
    }
}
