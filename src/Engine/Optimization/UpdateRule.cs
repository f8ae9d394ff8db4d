using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// One step from version t of the parameters to version t + 1, block by block: mean, penalties' gradient, global norm,
/// clip, weight decay, optimizer, bound on norms. Functions of a block are pure, so blocks may be done in any order, on any thread or
/// machine: <see cref="Prepare(ParameterBlock, float*, float*, long, long, float*)"/> of all blocks, one <see cref="Decide"/>, <see cref="Apply"/> of all blocks, one
/// <see cref="ApplyMaxNorm"/>.
/// </summary>
public sealed unsafe class UpdateRule
{
    private readonly ParameterLayout _layout;
    private readonly UpdateSpec _spec;
    private readonly Optimizer _optimizer;
    private readonly BlockSegment[][] _segments;

    /// <param name="layout">Where every parameter lies.</param>
    /// <param name="spec">What the job says about updates.</param>
    public UpdateRule(ParameterLayout layout, UpdateSpec spec)
    {
        _layout = layout;
        _spec = spec;
        _optimizer = Optimizer.Create(spec.Optimizer);
        _segments = BlockSegment.CutAll(layout);
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
    /// <param name="sum">The undivided sum, [block.Length].</param>
    /// <param name="gradient">Receives the gradient of the loss, [block.Length]; may be where the sum lies.</param>
    /// <param name="divisor">Terms of the minibatch for a mean, 1 for a sum; rounded to float32.</param>
    /// <param name="samples">Samples of the minibatch, at least 1.</param>
    /// <param name="parameters">Base of the flat buffer of parameters, version t.</param>
    /// <returns>The sum of the squares of what comes out, where it is a gradient; not finite if any element is not.</returns>
    public double Prepare(ParameterBlock block, float* sum, float* gradient, long divisor, long samples, float* parameters)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(divisor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ParameterRole role = _segments[block.Index][0].Parameter.Role;
        foreach (BlockSegment segment in _segments[block.Index])
        {
            float* g = gradient + segment.Start;
            new Span<float>(g + segment.Length, segment.Padded - segment.Length).Clear();
            if (segment.Parameter.Frozen)
            {
                new Span<float>(g, segment.Length).Clear();
                continue;
            }
            float* undivided = sum + segment.Start;
            if (role == ParameterRole.CarriedState)
            {
                new ReadOnlySpan<float>(undivided, segment.Length).CopyTo(new Span<float>(g, segment.Length));
                continue;
            }
            VectorMath.Divide(undivided, g, segment.Length, role == ParameterRole.Trained ? divisor : samples);
            if (Penalty.Applies(_spec.Regularization, segment.Parameter))
                Penalty.AddGradient(_spec.Regularization!, g, parameters + block.Offset + segment.Start, segment.Padded);
        }
        if (role == ParameterRole.Trained)
            return VectorMath.SumOfSquares(gradient, block.Length);
        return VectorMath.AllFinite(gradient, block.Length) ? 0 : double.NaN;
    }

    /// <summary><see cref="Prepare(ParameterBlock, float*, float*, long, long, float*)"/> where the sum lies.</summary>
    /// <param name="block">The block.</param>
    /// <param name="gradient">The block's own memory, [block.Length]: the undivided sum in, the gradient of the loss out.</param>
    /// <param name="divisor">Terms of the minibatch for a mean, 1 for a sum; rounded to float32.</param>
    /// <param name="samples">Samples of the minibatch, at least 1.</param>
    /// <param name="parameters">Base of the flat buffer of parameters, version t.</param>
    /// <returns>The sum of the squares of what comes out, where it is a gradient; not finite if any element is not.</returns>
    public double Prepare(ParameterBlock block, float* gradient, long divisor, long samples, float* parameters) =>
        Prepare(block, gradient, gradient, divisor, samples, parameters);

    /// <summary>Adds the blocks' sums of squares in a fixed order, and says what must be clipped.</summary>
    /// <param name="squaresByBlock">What <see cref="Prepare(ParameterBlock, float*, float*, long, long, float*)"/> returned, in the order of the blocks.</param>
    /// <exception cref="ArgumentException">There is not one number a block.</exception>
    public ClipDecision Decide(ReadOnlySpan<double> squaresByBlock)
    {
        if (squaresByBlock.Length != _layout.Blocks.Count)
            throw new ArgumentException($"There are {_layout.Blocks.Count} blocks, not {squaresByBlock.Length}.", nameof(squaresByBlock));
        return GradientClipping.Decide(_spec.Clip, squaresByBlock);
    }

    /// <summary>
    /// <see cref="Apply"/> of a prepared block whose gradient is finite, before <see cref="Decide"/>, where <see cref="IsBlockwise"/>. If
    /// the decision is then that another block's gradient is not finite, the update is to be undone.
    /// </summary>
    /// <exception cref="InvalidOperationException">The update depends on the other blocks.</exception>
    public bool ApplyAtOnce(ParameterBlock block, float* gradient, long step, float* parameters, float* newParameters, ReadOnlySpan<nint> state) =>
        IsBlockwise
            ? Apply(block, gradient, GradientClipping.DecideBlockwise(_spec.Clip), step, parameters, newParameters, state)
            : throw new InvalidOperationException("The update depends on the norm over all blocks.");

    /// <summary>Clips a prepared block of the gradient and updates the block's parameters and state.</summary>
    /// <param name="block">The block.</param>
    /// <param name="gradient">The block's own memory, [block.Length], as <see cref="Prepare(ParameterBlock, float*, float*, long, long, float*)"/> left it; clipped on return.</param>
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
        if (state.Length != StateNames.Count)
            throw new ArgumentException($"The optimizer has {StateNames.Count} state buffers, not {state.Length}.", nameof(state));
        if (_segments[block.Index][0].Parameter.Role != ParameterRole.Trained)
            return ApplyState(block, gradient, parameters, newParameters);
        if (clip.Clips)
            GradientClipping.Apply(clip, gradient, block.Length);
        double rate = LearningRate(step);
        bool finite = true;
        foreach (BlockSegment segment in _segments[block.Index])
        {
            long offset = block.Offset + segment.Start;
            if (segment.Parameter.Frozen)
            {
                new ReadOnlySpan<float>(parameters + offset, segment.Padded).CopyTo(new Span<float>(newParameters + offset, segment.Padded));
                continue;
            }
            var run = new UpdateRun
            {
                Gradient = gradient + segment.Start,
                Parameters = parameters + offset,
                NewParameters = newParameters + offset,
                State = state,
                Offset = offset,
                Count = segment.Padded,
            };
            finite &= _optimizer.Update(run, rate * segment.Parameter.LearningRateFactor, step);
        }
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

    private bool ApplyState(ParameterBlock block, float* sums, float* parameters, float* newParameters)
    {
        foreach (BlockSegment segment in _segments[block.Index])
        {
            long offset = block.Offset + segment.Start;
            var next = new Span<float>(newParameters + offset, segment.Padded);
            var sum = new ReadOnlySpan<float>(sums + segment.Start, segment.Padded);
            if (segment.Parameter.Frozen)
                new ReadOnlySpan<float>(parameters + offset, segment.Padded).CopyTo(next);
            else if (segment.Parameter.Role == ParameterRole.CarriedState)
                sum.CopyTo(next);
            else
                RunningMean(segment.Parameter.Momentum, new ReadOnlySpan<float>(parameters + offset, segment.Padded), sum, next);
        }
        return VectorMath.AllFinite(newParameters + block.Offset, block.Length);
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
