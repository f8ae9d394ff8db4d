using Lockstep.Coordinator.Running;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Jobs.Planning;

namespace Lockstep.Coordinator.Parameters;

/// <summary>What became of an update.</summary>
/// <param name="Next">The new version, pinned once for the caller.</param>
/// <param name="Norm">Global norm of the gradient before clipping.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="PenaltyLoss">Penalties of the parameters that the step started from.</param>
/// <param name="IsFinite">Whether the gradient and every new parameter are finite.</param>
/// <param name="InUpdate">Whether only the new parameters are not.</param>
/// <param name="Parameter">The first parameter that is not finite.</param>
/// <param name="Diagnostics">What there is to show by layer, in steps that are shown in detail.</param>
internal readonly record struct UpdateOutcome(
    ParameterVersion Next, double Norm, double Rate, double PenaltyLoss, bool IsFinite, bool InUpdate, string? Parameter, IReadOnlyList<MetricValue> Diagnostics);

/// <summary>
/// Makes version t + 1 of the parameters from version t and the sums of step t, block by block, on several threads. A block's mean, penalties and norm are
/// made as soon as its sum is whole and the minibatch's counts are known, while the other blocks' contributions still come; so is its update, where that does not
/// depend on the norm over all blocks and could be undone. Called by one thread at a time, whichever is at the parameter server's work.
/// </summary>
internal sealed unsafe class UpdateStage : IDisposable
{
    /// <summary>Bytes that snapshots which wait for the disk may take; two may wait in any case.</summary>
    private const long SnapshotMemory = 256L << 20;

    private readonly TrainingPlan _plan;
    private readonly ParameterLayout _layout;
    private readonly OptimizerState _state;
    private readonly VersionPool _versions;
    private readonly NodeSumPool _sums;
    private readonly LayerDiagnosis? _diagnosis;
    private readonly NodeSum?[] _totals;
    private readonly double[] _squares;
    private readonly bool[] _finite;
    private readonly int[] _firstNotFinite;
    private readonly List<int> _unsettled = [];
    private int _waiting;
    private long _step;
    private bool _atOnce;
    private bool _hashesBlocks;
    private ParameterVersion _current = null!;
    private ParameterVersion? _next;
    private double _penalty;
    private (long Divisor, long Samples)? _counts;
    private ClipDecision _clip;

    /// <param name="plan">What is trained.</param>
    /// <param name="state">The optimizer's state, which is this object's from now on.</param>
    /// <param name="versions">Where new versions lie.</param>
    /// <param name="sums">Where sums go that are not needed any more.</param>
    public UpdateStage(TrainingPlan plan, OptimizerState state, VersionPool versions, NodeSumPool sums)
    {
        (_plan, _state, _versions, _sums) = (plan, state, versions, sums);
        _layout = plan.Network.Layout;
        _totals = new NodeSum?[_layout.Blocks.Count];
        _squares = new double[_layout.Blocks.Count];
        _finite = new bool[_layout.Blocks.Count];
        _firstNotFinite = new int[_layout.Blocks.Count];
        Threads = new BlockThreads(UpdateThreads.For(_layout.Blocks.Count, Environment.ProcessorCount), Execute, block => UpdateThreads.AreFor(_layout, block));
        _diagnosis = plan.Job.Diagnostics is null ? null : new LayerDiagnosis(plan);
    }

    /// <summary>A block of the gradient, summed over all leaves.</summary>
    public delegate float* GradientOf(int block);

    /// <summary>The threads of the blocks; additions go there too.</summary>
    public BlockThreads Threads { get; }

    /// <summary>Begins a step that trains.</summary>
    /// <param name="step">The step.</param>
    /// <param name="current">The parameters that it starts from.</param>
    /// <param name="hashesBlocks">Whether the new version's blocks go to several workers, so that one checksum for all is worth making.</param>
    public void Begin(long step, ParameterVersion current, bool hashesBlocks)
    {
        (_step, _current, _counts, _hashesBlocks) = (step, current, null, hashesBlocks && !_plan.Rule.HasMaxNorm);
        // The gradient is shown before it is updated with; and what has no copy to go back to is changed only once the step is certain.
        _atOnce = _plan.Rule.IsBlockwise && _state.CanRestore && !Diagnoses;
        if (_atOnce)
            _state.Keep();
        _penalty = _plan.Rule.PenaltyLoss(current.Pointer);
    }

    /// <summary>The minibatch's sums are whole.</summary>
    public void Know(double[] sums)
    {
        _counts = (_plan.Sums.Divisor(sums), StepSums.SampleCount(sums));
        foreach (int block in _unsettled)
            Settle(block);
        _unsettled.Clear();
    }

    /// <summary>All leaves of a block's gradient have arrived.</summary>
    /// <param name="block">The block.</param>
    /// <param name="total">Its sum, once what was posted to its thread is done; from here on this object's to give back.</param>
    public void Complete(int block, NodeSum total)
    {
        _totals[block] = total;
        if (_counts is null)
            _unsettled.Add(block);
        else
            Settle(block);
    }

    /// <summary>
    /// Finishes the update when every block's sum and the minibatch's are whole. If anything is not finite, the new version holds the parameters unchanged and the
    /// optimizer's state is as it was where the job skips such steps; a carried state is that of the step before, or zero where this step was the first of its sequences.
    /// </summary>
    public UpdateOutcome Finish()
    {
        UpdateRule rule = _plan.Rule;
        double rate = rule.LearningRate(_step);
        ParameterVersion next = Next();
        Threads.Drain();
        ClipDecision clip = rule.Decide(_squares);
        if (!clip.IsFinite)
            return Undone(NotFiniteInGradient(), inUpdate: false);

        LayerDiagnosis? diagnosis = Diagnoses ? _diagnosis : null;
        diagnosis?.Look(Gradient);
        if (!_atOnce)
        {
            _state.Keep();
            _clip = clip;
            for (int block = 0; block < _totals.Length; block++)
                Threads.Post(new BlockTask(BlockWork.Apply, block));
            Threads.Drain();
        }
        if (Array.IndexOf(_finite, false) >= 0)
            return Undone(NotFiniteIn(next.Pointer), inUpdate: true);
        rule.ApplyMaxNorm(next.Pointer);
        _next = null;
        return new UpdateOutcome(next, clip.Norm, rate, _penalty, true, false, null, diagnosis?.Compare(_current, next) ?? []);

        UpdateOutcome Undone(string? parameter, bool inUpdate)
        {
            ReturnTotals();
            if (_atOnce || inUpdate)
                _state.Restore();
            long bytes = _layout.Length * sizeof(float);
            Buffer.MemoryCopy(_current.Pointer, next.Pointer, bytes, bytes);
            next.ForgetChecksums();
            if (_plan.MinibatchAt(_step).Window is { State: StateSource.Start })
                ClearCarried(next);
            _next = null;
            return new UpdateOutcome(next, clip.Norm, rate, _penalty, false, inUpdate, parameter, []);
        }
    }

    /// <summary>Gives a step up in the middle: the optimizer's state is that of its beginning again.</summary>
    public void Abandon()
    {
        Threads.Drain();
        ReturnTotals();
        _unsettled.Clear();
        if (_next is null)
            return;
        _state.Restore();
        _next.Unpin();
        _next = null;
    }

    /// <summary>
    /// The state after the last update, for a checkpoint that may be left out; null where so many wait to be written that
    /// another one would take too much memory.
    /// </summary>
    public TrainingSnapshot? TrySnapshot(ParameterVersion version)
    {
        long bytes = _layout.Length * sizeof(float) * (1 + _state.Buffers.Count);
        return Volatile.Read(ref _waiting) < Math.Max(2, SnapshotMemory / bytes) ? Snapshot(version) : null;
    }

    /// <summary>The state after the last update, for a checkpoint that must be.</summary>
    public TrainingSnapshot Snapshot(ParameterVersion version)
    {
        Interlocked.Increment(ref _waiting);
        return new TrainingSnapshot(version, _state.Names, _state.Buffers, () => Interlocked.Decrement(ref _waiting));
    }

    public void Dispose()
    {
        Threads.Dispose();
        _state.Dispose();
    }

    private bool Diagnoses => _diagnosis is not null && _plan.DiagnosesAt(_step);

    private float* Gradient(int block) => _totals[block]!.Floats;

    private void Settle(int block)
    {
        // Only now: those who computed the step have let the version before it go, so that its memory is free.
        if (_atOnce)
            Next();
        Threads.Post(new BlockTask(BlockWork.Settle, block));
    }

    private ParameterVersion Next() => _next ??= _versions.Rent(_step + 1);

    private void Execute(BlockTask task)
    {
        switch (task.Work)
        {
            case BlockWork.Add:
                VectorMath.Add(task.Sum!.Floats, task.Other!.Floats, task.Into!.Floats, task.Sum.Bytes / sizeof(float));
                _sums.Return(task.Into == task.Other ? task.Sum : task.Other);
                if (task.Into != task.Sum && task.Into != task.Other)
                    _sums.Return(task.Sum);
                break;
            case BlockWork.Return:
                _sums.Return(task.Sum!);
                break;
            case BlockWork.Settle:
                Prepare(_layout.Blocks[task.Block]);
                break;
            case BlockWork.Apply:
                Apply(_layout.Blocks[task.Block]);
                break;
        }
    }

    private void Prepare(in ParameterBlock block)
    {
        (long divisor, long samples) = _counts!.Value;
        NodeSum total = _totals[block.Index]!;
        var sum = new GradientSum(total.Floats, total.Addend is { } other ? other.Floats : null);
        if (_atOnce)
        {
            _squares[block.Index] = _plan.Rule.PrepareAndApply(
                block, sum, divisor, samples, _step, _current.Pointer, _next!.Pointer, _state.Pointers, out _finite[block.Index]);
            _firstNotFinite[block.Index] = double.IsFinite(_squares[block.Index]) ? -1 : IndexOfNotFinite(block, sum);
            IsApplied(block);
            return;
        }
        NodeSum gradient = total.OwnsMemory ? total : _sums.Take(total.Bytes);
        _squares[block.Index] = _plan.Rule.Prepare(block, sum, gradient.Floats, divisor, samples, _current.Pointer);
        _firstNotFinite[block.Index] = double.IsFinite(_squares[block.Index]) ? -1 : IndexOfNotFinite(gradient.Floats, block.Length);
        _totals[block.Index] = gradient;
        _sums.Return(gradient != total ? total : total.TakeAddend());
    }

    private void Apply(in ParameterBlock block)
    {
        _finite[block.Index] = _plan.Rule.Apply(block, Gradient(block.Index), _clip, _step, _current.Pointer, _next!.Pointer, _state.Pointers);
        IsApplied(block);
    }

    // Its memory is what the next block's sum lands in, while it is still in the cache.
    private void IsApplied(in ParameterBlock block)
    {
        _sums.Return(_totals[block.Index]!);
        _totals[block.Index] = null;
        HashIfWanted(block);
    }

    // While the block is still in the cache.
    private void HashIfWanted(in ParameterBlock block)
    {
        if (_hashesBlocks)
            _next!.Hash(block);
    }

    // The committed state is that of the epoch before, or of other sequences: this step began with none.
    private void ClearCarried(ParameterVersion version)
    {
        foreach (ParameterView carried in _layout.Of(ParameterRole.CarriedState))
            new Span<float>(version.Pointer + carried.Offset, checked((int)carried.Length)).Clear();
    }

    private void ReturnTotals()
    {
        for (int block = 0; block < _totals.Length; block++)
        {
            if (_totals[block] is { } total)
                _sums.Return(total);
            _totals[block] = null;
        }
    }

    // The parameter whose gradient is the first that is not finite.
    private string? NotFiniteInGradient()
    {
        int block = Array.FindIndex(_firstNotFinite, static first => first >= 0);
        return block < 0 ? null : _layout.At(_layout.Blocks[block].Offset + _firstNotFinite[block])?.Name;
    }

    // The gradient was not kept; it is made anew from the sum, which stays as it was.
    private int IndexOfNotFinite(in ParameterBlock block, GradientSum sum)
    {
        (long divisor, long samples) = _counts!.Value;
        NodeSum gradient = _sums.Take(block.Length * sizeof(float));
        _plan.Rule.Prepare(block, sum, gradient.Floats, divisor, samples, _current.Pointer);
        int first = IndexOfNotFinite(gradient.Floats, block.Length);
        _sums.Return(gradient);
        return first;
    }

    private string? NotFiniteIn(float* parameters)
    {
        foreach (ParameterBlock block in _layout.Blocks)
        {
            if (IndexOfNotFinite(parameters + block.Offset, block.Length) is >= 0 and int first)
                return _layout.At(block.Offset + first)?.Name;
        }
        return null;
    }

    private static int IndexOfNotFinite(float* numbers, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!float.IsFinite(numbers[i]))
                return i;
        }
        return -1;
    }
}
