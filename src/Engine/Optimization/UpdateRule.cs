using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// One step from version t of the parameters to version t + 1, block by block: mean, penalties' gradient, global norm,
/// clip, weight decay, optimizer, bound on norms. Functions of a block are pure, so blocks may be done in any order, on any thread or
/// machine: <see cref="Prepare(ParameterBlock, GradientSum, float*, long, long, float*)"/> of all blocks, one <see cref="Decide"/>, <see cref="Apply"/> of all blocks, one
/// <see cref="ApplyMaxNorm"/>.
/// </summary>
public sealed unsafe class UpdateRule
{
    // So few numbers that their gradient stays in the first-level cache from one operation to the next.
    private const int RunLength = 4096;

    // More than the caches of today's processors hold beside all else that a step goes through.
    private const long StreamedBytes = 64L << 20;
    private const int CacheLine = 64;

    private readonly ParameterLayout _layout;
    private readonly UpdateSpec _spec;
    private readonly Optimizer _optimizer;
    private readonly BlockSegment[][] _segments;
    private readonly BlockSegment[][] _runs;
    private readonly bool _streams;

    /// <param name="layout">Where every parameter lies.</param>
    /// <param name="spec">What the job says about updates.</param>
    public UpdateRule(ParameterLayout layout, UpdateSpec spec)
        : this(layout, spec, StreamedBytes)
    {
    }

    /// <param name="layout">Where every parameter lies.</param>
    /// <param name="spec">What the job says about updates.</param>
    /// <param name="streamedBytes">From how many bytes of parameters on they are stored past the cache.</param>
    internal UpdateRule(ParameterLayout layout, UpdateSpec spec, long streamedBytes)
    {
        _layout = layout;
        _spec = spec;
        _optimizer = Optimizer.Create(spec.Optimizer);
        _streams = layout.Length * sizeof(float) >= streamedBytes;
        _segments = BlockSegment.CutAll(layout);
        _runs = [.. _segments.Select(block => block.SelectMany(segment => segment.Cut(RunLength)).ToArray())];
    }

    /// <summary>The optimizer's state: flat buffers of the layout's length, by name; all zero at first.</summary>
    public IReadOnlyList<string> StateNames => _optimizer.StateNames;

    /// <summary>Whether <see cref="ApplyMaxNorm"/> has anything to do, so that blocks may change after all are applied.</summary>
    public bool HasMaxNorm => _spec.Regularization is { MaxNorm: > 0 };

    /// <summary>Whether a block can be updated as soon as its own gradient is there: nothing of the step depends on the norm over all of them.</summary>
    public bool IsBlockwise => _spec.Clip is not GlobalNormClip;

    /// <summary>
    /// Divides a block of the gradient sum, and adds the penalties' gradient. Frozen parameters' gradient becomes +0. Of running statistics it makes the
    /// minibatch's mean; carried state it leaves as it is.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="sum">The undivided sum.</param>
    /// <param name="gradient">Receives the gradient of the loss, [block.Length]; may be where the sum lies.</param>
    /// <param name="divisor">Terms of the minibatch for a mean, 1 for a sum; rounded to float32.</param>
    /// <param name="samples">Samples of the minibatch, at least 1.</param>
    /// <param name="parameters">Base of the flat buffer of parameters, version t.</param>
    /// <returns>The sum of the squares of what comes out, where it is a gradient; not finite if any element is not.</returns>
    public double Prepare(ParameterBlock block, GradientSum sum, float* gradient, long divisor, long samples, float* parameters)
    {
        RequireCounts(divisor, samples);
        var squares = default(SquareSum);
        foreach (BlockSegment run in _runs[block.Index])
        {
            PrepareRun(run, sum, gradient + run.Start, divisor, samples, parameters + block.Offset);
            squares.Add(gradient + run.Start, run.Padded);
        }
        return SquaresOf(block, squares);
    }

    /// <summary><see cref="Prepare(ParameterBlock, GradientSum, float*, long, long, float*)"/> where the sum lies.</summary>
    /// <param name="block">The block.</param>
    /// <param name="gradient">The block's own memory, [block.Length]: the undivided sum in, the gradient of the loss out.</param>
    /// <param name="divisor">Terms of the minibatch for a mean, 1 for a sum; rounded to float32.</param>
    /// <param name="samples">Samples of the minibatch, at least 1.</param>
    /// <param name="parameters">Base of the flat buffer of parameters, version t.</param>
    /// <returns>The sum of the squares of what comes out, where it is a gradient; not finite if any element is not.</returns>
    public double Prepare(ParameterBlock block, float* gradient, long divisor, long samples, float* parameters) =>
        Prepare(block, new GradientSum(gradient), gradient, divisor, samples, parameters);

    /// <summary>Adds the blocks' sums of squares in a fixed order, and says what must be clipped.</summary>
    /// <param name="squaresByBlock">What <see cref="Prepare(ParameterBlock, GradientSum, float*, long, long, float*)"/> returned, in the order of the blocks.</param>
    /// <exception cref="ArgumentException">There is not one number a block.</exception>
    public ClipDecision Decide(ReadOnlySpan<double> squaresByBlock)
    {
        if (squaresByBlock.Length != _layout.Blocks.Count)
            throw new ArgumentException($"There are {_layout.Blocks.Count} blocks, not {squaresByBlock.Length}.", nameof(squaresByBlock));
        return GradientClipping.Decide(_spec.Clip, squaresByBlock);
    }

    /// <summary>
    /// Prepares and applies a block in one go, before <see cref="Decide"/>, where <see cref="IsBlockwise"/>: in a single pass over memory where no penalty and no clipping
    /// stands between mean and optimizer, else a few thousand numbers at a time, whose gradient stays in the first-level cache. If the decision is then that a gradient is
    /// not finite, the update is to be undone.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="sum">The undivided sum; it stays as it is.</param>
    /// <param name="divisor">Terms of the minibatch for a mean, 1 for a sum; rounded to float32.</param>
    /// <param name="samples">Samples of the minibatch, at least 1.</param>
    /// <param name="step">Step from 0.</param>
    /// <param name="parameters">Base of the flat buffer of parameters, version t.</param>
    /// <param name="newParameters">Base of another flat buffer, which receives the block of version t + 1.</param>
    /// <param name="state">Bases of the flat state buffers in the order of <see cref="StateNames"/>, changed in place.</param>
    /// <param name="isFinite">Whether every new number is finite.</param>
    /// <returns>The sum of the squares of the gradient, as <see cref="Prepare(ParameterBlock, GradientSum, float*, long, long, float*)"/>.</returns>
    /// <exception cref="InvalidOperationException">The update depends on the other blocks.</exception>
    public double PrepareAndApply(
        ParameterBlock block, GradientSum sum, long divisor, long samples, long step, float* parameters, float* newParameters, ReadOnlySpan<nint> state, out bool isFinite)
    {
        RequireCounts(divisor, samples);
        RequireStates(state);
        if (!IsBlockwise)
            throw new InvalidOperationException("The update depends on the norm over all blocks.");
        ClipDecision clip = GradientClipping.DecideBlockwise(_spec.Clip);
        double rate = LearningRate(step);
        var squares = default(SquareSum);
        isFinite = true;
        float* gradient = stackalloc float[RunLength];
        foreach (BlockSegment whole in _runs[block.Index])
        {
            BlockSegment run = whole;
            if (NeedsMeanAlone(run.Parameter, clip))
            {
                // Lines without padding: a last one that has some is prepared as any other.
                int count = run.Length / ParameterLayout.Alignment * ParameterLayout.Alignment;
                MeanGradient mean = sum.Mean(run.Start, divisor, squares);
                isFinite &= _optimizer.Update(ref mean, NumbersOf(block, run.Start, count, parameters, newParameters, state), rate * run.Parameter.LearningRateFactor, step);
                squares = mean.Squares;
                if (count == run.Padded)
                    continue;
                run = run.Behind(count);
            }
            PrepareRun(run, sum, gradient, divisor, samples, parameters + block.Offset);
            squares.Add(gradient, run.Padded);
            isFinite &= ApplyRun(block, run, gradient, clip, rate, step, parameters, newParameters, state);
        }
        SettleStores();
        return SquaresOf(block, squares);
    }

    /// <summary>Clips a prepared block of the gradient and updates the block's parameters and state.</summary>
    /// <param name="block">The block.</param>
    /// <param name="gradient">The block's own memory, [block.Length], as <see cref="Prepare(ParameterBlock, GradientSum, float*, long, long, float*)"/> left it; clipped on return.</param>
    /// <param name="clip">What <see cref="Decide"/> said.</param>
    /// <param name="step">Step from 0.</param>
    /// <param name="parameters">Base of the flat buffer of parameters, version t.</param>
    /// <param name="newParameters">Base of another flat buffer, which receives the block of version t + 1.</param>
    /// <param name="state">Bases of the flat state buffers in the order of <see cref="StateNames"/>, changed in place.</param>
    /// <returns>Whether every new number is finite.</returns>
    /// <exception cref="InvalidOperationException">The gradient is not finite.</exception>
    public bool Apply(
        ParameterBlock block, float* gradient, ClipDecision clip, long step, float* parameters, float* newParameters, ReadOnlySpan<nint> state)
    {
        if (!clip.IsFinite)
            throw new InvalidOperationException("A gradient that is not finite makes no update.");
        RequireStates(state);
        double rate = LearningRate(step);
        bool finite = true;
        foreach (BlockSegment run in _runs[block.Index])
            finite &= ApplyRun(block, run, gradient + run.Start, clip, rate, step, parameters, newParameters, state);
        SettleStores();
        return finite;
    }

    /// <summary>
    /// Scales every output unit's weights whose Euclidean norm is above the bound down to it (Srivastava et al. 2014, section 5.1), once
    /// all blocks are applied: a unit's weights may lie in two. Frozen parameters stay; finite numbers stay finite.
    /// </summary>
    /// <param name="newParameters">Base of the flat buffer of version t + 1, changed in place.</param>
    public void ApplyMaxNorm(float* newParameters)
    {
        if (_spec.Regularization is not { MaxNorm: > 0 } bound)
            return;
        foreach (ParameterView parameter in _layout.Trained)
        {
            if (!parameter.Frozen && (bound.Biases || !parameter.IsBias))
                MaxNorm.Apply(bound.MaxNorm, newParameters + parameter.Offset, parameter.Shape[0], parameter.Length / parameter.Shape[0]);
        }
    }

    /// <summary>λ₂/2·‖W‖² + λ₁·‖W‖₁ over all that is penalized, frozen parameters too; summed by block in a fixed order.</summary>
    /// <param name="parameters">Base of the flat buffer of parameters.</param>
    public double PenaltyLoss(float* parameters)
    {
        if (_spec.Regularization is null)
            return 0;
        double[] blocks = [.. _layout.Blocks.Select(block => PenaltyLoss(block, parameters))];
        return BalancedSum.Of(blocks);
    }

    /// <summary>The learning rate of a step before any layer's own factor.</summary>
    /// <param name="step">Step from 0.</param>
    public double LearningRate(long step) => LearningRates.At(_spec.Optimizer.LearningRate, _spec.Schedule, step);

    private static void RequireCounts(long divisor, long samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(divisor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
    }

    private void RequireStates(ReadOnlySpan<nint> state)
    {
        if (state.Length != StateNames.Count)
            throw new ArgumentException($"The optimizer has {StateNames.Count} state buffers, not {state.Length}.", nameof(state));
    }

    // Stores past the cache keep no order with later ones; whoever is told that the block is there must find them.
    private void SettleStores()
    {
        if (_streams)
            Thread.MemoryBarrier();
    }

    private ParameterRole RoleOf(ParameterBlock block) => _segments[block.Index][0].Parameter.Role;

    private double SquaresOf(ParameterBlock block, in SquareSum squares)
    {
        double total = squares.Total;
        return RoleOf(block) == ParameterRole.Trained ? total : double.IsFinite(total) ? 0 : double.NaN;
    }

    // The gradient's pointer is the run's own; the parameters' is the block's.
    private void PrepareRun(in BlockSegment run, GradientSum sum, float* gradient, long divisor, long samples, float* parameters)
    {
        new Span<float>(gradient + run.Length, run.Padded - run.Length).Clear();
        if (run.Parameter.Frozen)
        {
            new Span<float>(gradient, run.Length).Clear();
            return;
        }
        float* undivided = sum.Read(run.Start, run.Length, gradient);
        if (run.Parameter.Role == ParameterRole.CarriedState)
        {
            new ReadOnlySpan<float>(undivided, run.Length).CopyTo(new Span<float>(gradient, run.Length));
            return;
        }
        VectorMath.Divide(undivided, gradient, run.Length, run.Parameter.Role == ParameterRole.Trained ? divisor : samples);
        if (Penalty.Applies(_spec.Regularization, run.Parameter))
            Penalty.AddGradient(_spec.Regularization!, gradient, parameters + run.Start, run.Padded);
    }

    private bool ApplyRun(
        ParameterBlock block, in BlockSegment run, float* gradient, ClipDecision clip, double rate, long step, float* parameters, float* newParameters, ReadOnlySpan<nint> state)
    {
        long offset = block.Offset + run.Start;
        if (run.Parameter.Role != ParameterRole.Trained)
            return ApplyStateRun(run, gradient, parameters + offset, newParameters + offset);
        if (clip.Clips)
            GradientClipping.Apply(clip, gradient, run.Padded);
        if (run.Parameter.Frozen)
        {
            new ReadOnlySpan<float>(parameters + offset, run.Padded).CopyTo(new Span<float>(newParameters + offset, run.Padded));
            return true;
        }
        var prepared = new PreparedGradient(gradient);
        return _optimizer.Update(ref prepared, NumbersOf(block, run.Start, run.Padded, parameters, newParameters, state), rate * run.Parameter.LearningRateFactor, step);
    }

    private bool NeedsMeanAlone(ParameterView parameter, ClipDecision clip) =>
        parameter is { Role: ParameterRole.Trained, Frozen: false } && !clip.Clips && !Penalty.Applies(_spec.Regularization, parameter);

    private UpdateRun NumbersOf(ParameterBlock block, int start, int count, float* parameters, float* newParameters, ReadOnlySpan<nint> state)
    {
        long offset = block.Offset + start;
        return new UpdateRun
        {
            Parameters = parameters + offset,
            NewParameters = newParameters + offset,
            State = state,
            Offset = offset,
            Count = count,
            Streams = _streams && (nint)(newParameters + offset) % CacheLine == 0,
        };
    }

    private static bool ApplyStateRun(in BlockSegment run, float* sums, float* parameters, float* newParameters)
    {
        var next = new Span<float>(newParameters, run.Padded);
        var sum = new ReadOnlySpan<float>(sums, run.Padded);
        if (run.Parameter.Frozen)
            new ReadOnlySpan<float>(parameters, run.Padded).CopyTo(next);
        else if (run.Parameter.Role == ParameterRole.CarriedState)
            sum.CopyTo(next);
        else
            RunningMean(run.Parameter.Momentum, new ReadOnlySpan<float>(parameters, run.Padded), sum, next);
        return VectorMath.AllFinite(newParameters, run.Padded);
    }

    private static void RunningMean(float momentum, ReadOnlySpan<float> running, ReadOnlySpan<float> batch, Span<float> next)
    {
        for (int i = 0; i < next.Length; i++)
            next[i] = ((1 - momentum) * running[i]) + (momentum * batch[i]);
    }

    private double PenaltyLoss(ParameterBlock block, float* parameters)
    {
        double loss = 0;
        foreach (BlockSegment segment in _segments[block.Index])
        {
            if (Penalty.Applies(_spec.Regularization, segment.Parameter))
                loss += Penalty.Loss(_spec.Regularization!, parameters + block.Offset + segment.Start, segment.Length);
        }
        return loss;
    }
}
