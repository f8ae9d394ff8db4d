using Lockstep.Coordinator.Running;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Planning;

namespace Lockstep.Coordinator.Parameters;

/// <summary>What became of an update.</summary>
/// <param name="Norm">Global norm of the gradient before clipping.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="PenaltyLoss">Penalties of the parameters that the step started from.</param>
/// <param name="IsFinite">Whether the gradient and every new parameter are finite.</param>
/// <param name="InUpdate">Whether only the new parameters are not.</param>
/// <param name="Parameter">The first parameter that is not finite.</param>
/// <param name="Diagnostics">What there is to show by layer, in steps that are shown in detail.</param>
internal readonly record struct UpdateOutcome(
    double Norm, double Rate, double PenaltyLoss, bool IsFinite, bool InUpdate, string? Parameter, IReadOnlyList<MetricValue> Diagnostics);

/// <summary>Makes version t + 1 of the parameters from version t and the sums of step t, block by block, on several threads: no block needs another.</summary>
internal sealed unsafe class UpdateStage : IDisposable
{
    /// <summary>Bytes that snapshots which wait for the disk may take; two may wait in any case.</summary>
    private const long SnapshotMemory = 256L << 20;

    private readonly TrainingPlan _plan;
    private readonly ComputeCrew _crew;
    private readonly bool[] _finite;
    private readonly ParameterLayout _layout;
    private readonly OptimizerState _state;
    private readonly double[] _squares;
    private readonly LayerDiagnosis? _diagnosis;
    private int _waiting;

    public UpdateStage(TrainingPlan plan, OptimizerState state)
    {
        _plan = plan;
        _layout = plan.Network.Layout;
        _state = state;
        _squares = new double[_layout.Blocks.Count];
        _finite = new bool[_layout.Blocks.Count];
        _crew = new ComputeCrew(UpdateThreads.For(_layout.Blocks.Count, Environment.ProcessorCount));
        _diagnosis = plan.Job.Diagnostics is null ? null : new LayerDiagnosis(plan);
    }

    /// <summary>A block of the gradient, summed over all leaves.</summary>
    public delegate float* GradientOf(int block);

    /// <summary>
    /// Makes the update. If anything is not finite, <paramref name="next"/> holds the parameters unchanged and the
    /// optimizer's state is as it was where the job skips such steps; a carried state is
    /// that of the step before, or zero where this step was the first of its sequences.
    /// </summary>
    public UpdateOutcome Make(long step, GradientOf gradient, double[] sums, ParameterVersion current, ParameterVersion next)
    {
        UpdateRule rule = _plan.Rule;
        double penalty = rule.PenaltyLoss(current.Pointer);
        double rate = rule.LearningRate(step);
        var prepare = new PrepareJob(this, gradient, _plan.Sums.Divisor(sums), StepSums.SampleCount(sums), current);
        _crew.Run(ref prepare);
        ClipDecision clip = rule.Decide(_squares);
        if (!clip.IsFinite)
            return Undone(FirstNotFinite(gradient), inUpdate: false);

        LayerDiagnosis? diagnosis = _plan.DiagnosesAt(step) ? _diagnosis : null;
        diagnosis?.Look(gradient);
        _state.Keep();
        var apply = new ApplyJob(this, gradient, clip, step, current, next);
        _crew.Run(ref apply);
        if (Array.IndexOf(_finite, false) >= 0)
            return Undone(FirstNotFinite(index => next.Pointer + _layout.Blocks[index].Offset), inUpdate: true);
        rule.ApplyMaxNorm(next.Pointer);
        return new UpdateOutcome(clip.Norm, rate, penalty, true, false, null, diagnosis?.Compare(current, next) ?? []);

        UpdateOutcome Undone(string? parameter, bool inUpdate)
        {
            if (inUpdate)
                _state.Restore();
            long bytes = _layout.Length * sizeof(float);
            Buffer.MemoryCopy(current.Pointer, next.Pointer, bytes, bytes);
            if (_plan.MinibatchAt(step).Window is { State: StateSource.Start })
                ClearCarried(next);
            return new UpdateOutcome(clip.Norm, rate, penalty, false, inUpdate, parameter, []);
        }
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
        _crew.Dispose();
        _state.Dispose();
    }

    // The committed state is that of the epoch before, or of other sequences: this step began with none.
    private void ClearCarried(ParameterVersion version)
    {
        foreach (ParameterView carried in _layout.Of(ParameterRole.CarriedState))
            new Span<float>(version.Pointer + carried.Offset, checked((int)carried.Length)).Clear();
    }

    private string? FirstNotFinite(GradientOf numbers)
    {
        foreach (ParameterBlock block in _layout.Blocks)
        {
            float* number = numbers(block.Index);
            for (int i = 0; i < block.Length; i++)
            {
                if (!float.IsFinite(number[i]))
                    return _layout.At(block.Offset + i)?.Name;
            }
        }
        return null;
    }

    // Neighbouring blocks go to different members: a model's large layers are many blocks, its small ones few.
    private readonly struct PrepareJob(UpdateStage stage, GradientOf gradient, long divisor, long samples, ParameterVersion current) : ICrewJob
    {
        public void Execute(int member, int members)
        {
            for (int i = member; i < stage._layout.Blocks.Count; i += members)
                stage._squares[i] = stage._plan.Rule.Prepare(stage._layout.Blocks[i], gradient(i), divisor, samples, current.Pointer);
        }
    }

    private readonly struct ApplyJob(UpdateStage stage, GradientOf gradient, ClipDecision clip, long step, ParameterVersion current, ParameterVersion next) : ICrewJob
    {
        public void Execute(int member, int members)
        {
            for (int i = member; i < stage._layout.Blocks.Count; i += members)
                stage._finite[i] = stage._plan.Rule.Apply(stage._layout.Blocks[i], gradient(i), clip, step, current.Pointer, next.Pointer, stage._state.Pointers);
        }
    }
}
