using Lockstep.Coordinator.Reduction;
using Lockstep.Engine.Trees;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Steps;

/// <summary>
/// What has arrived of the present step, and whether the step may close. The ledger judges every contribution by its key
/// alone and never by who sent it or by the view: the same key always means the same bits, so a late copy, a copy from
/// a worker that was given up, and a node that was computed twice are all harmless.
/// </summary>
/// <typeparam name="TSum">The sum of a node, of whichever channel.</typeparam>
public sealed class StepLedger<TSum>
{
    private readonly PartialTree<TSum>[] _trees;
    private readonly Dictionary<(int Channel, TreeNode Node), (BitsChecksum Checksum, long Worker)> _arrived = [];
    private int _open;

    /// <param name="run">The run that contributions must be of.</param>
    /// <param name="term">The term that contributions must be of.</param>
    /// <param name="channels">The sums that a step consists of.</param>
    /// <param name="shards">Leaves of the tree.</param>
    /// <param name="arithmetic">How the sums of a channel are added.</param>
    public StepLedger(RunId run, long term, StepChannels channels, int shards, Func<int, ISumArithmetic<TSum>> arithmetic)
    {
        Run = run;
        Term = term;
        Channels = channels;
        Shards = shards;
        _trees = [.. Enumerable.Range(0, channels.Count).Select(channel => new PartialTree<TSum>(shards, arithmetic(channel)))];
    }

    public RunId Run { get; }

    public long Term { get; }

    public StepChannels Channels { get; }

    public int Shards { get; }

    /// <summary>The step that contributions are taken for; −1 before the first.</summary>
    public long Step { get; private set; } = -1;

    /// <summary>What the step consists of.</summary>
    public StepWork Work { get; private set; }

    /// <summary>Whether every channel of the step covers every leaf, so that its outcome is fixed.</summary>
    public bool IsDecided => Step >= 0 && _open == 0;

    /// <summary>Begins a step. What is left of the one before is given back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is not after the present one.</exception>
    /// <exception cref="ArgumentException">The step has no channel, so that it would be decided before anything came.</exception>
    public void Open(long step, StepWork work)
    {
        if (Safety.Holds(SafetyRule.OpenForwardOnly))
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, Step);
        int open = Enumerable.Range(0, Channels.Count).Count(channel => Channels.IsPartOf(channel, work));
        if (open == 0)
            throw new ArgumentException($"Step {step} cannot consist of '{work}': none of its channels is part of that.", nameof(work));
        foreach (PartialTree<TSum> tree in _trees)
            tree.Clear();
        _arrived.Clear();
        Step = step;
        Work = work;
        _open = open;
    }

    /// <summary>Judges a contribution from its key alone; nothing changes.</summary>
    public Verdict Judge(in ContributionKey key)
    {
        if (key.Run != Run && Safety.Holds(SafetyRule.RefuseOtherRun))
            return Verdict.OtherRun;
        if (key.Term < Term && Safety.Holds(SafetyRule.RefuseLowerTerm))
            return Verdict.LowerTerm;
        if (key.Term > Term && Safety.Holds(SafetyRule.StopAtHigherTerm))
            return Verdict.HigherTerm;
        var node = new TreeNode(key.FirstLeaf, key.Leaves);
        if (key.Channel < 0 || key.Channel >= Channels.Count)
            return Verdict.UnknownChannel;
        if (!_trees[key.Channel].Fits(node))
            return Verdict.NoNode;
        if (key.Step > Step && Safety.Holds(SafetyRule.RefuseFutureStep))
            return Verdict.FutureStep;
        if (key.Step < Step && Safety.Holds(SafetyRule.IgnoreOlderStep))
            return Verdict.OlderStep;
        if (!Channels.IsPartOf(key.Channel, Work) && Safety.Holds(SafetyRule.RefuseForeignChannel))
            return Verdict.UnknownChannel;
        return _trees[key.Channel].Covers(node) && Safety.Holds(SafetyRule.IgnoreCovered) ? Verdict.AlreadyCovered : Verdict.Accepted;
    }

    /// <summary>
    /// Takes a contribution into the step if it belongs there. Unless it is accepted, the sum stays the caller's.
    /// </summary>
    /// <param name="key">What it is.</param>
    /// <param name="checksum">Checksum of its bits, by which two copies of one node are compared.</param>
    /// <param name="worker">Who sent it.</param>
    /// <param name="sum">The sum itself.</param>
    /// <param name="other">On <see cref="Verdict.Conflict"/>, who sent the other copy.</param>
    public Verdict Offer(in ContributionKey key, BitsChecksum checksum, long worker, TSum sum, out long other)
    {
        other = 0;
        Verdict verdict = Judge(key);
        if (verdict is not (Verdict.Accepted or Verdict.AlreadyCovered))
            return verdict;

        var node = new TreeNode(key.FirstLeaf, key.Leaves);
        if (_arrived.TryGetValue((key.Channel, node), out (BitsChecksum Checksum, long Worker) first) && first.Checksum.Value != checksum.Value && Safety.Holds(SafetyRule.StopAtConflict))
        {
            other = first.Worker;
            return Verdict.Conflict;
        }
        _arrived.TryAdd((key.Channel, node), (checksum, worker));
        if (verdict == Verdict.AlreadyCovered)
            return verdict;

        PartialTree<TSum> tree = _trees[key.Channel];
        tree.Offer(node, sum);
        if (tree.IsComplete)
            _open = Safety.Holds(SafetyRule.NeedEveryChannel) ? _open - 1 : 0;
        return Verdict.Accepted;
    }

    /// <summary>Whether a channel covers every leaf.</summary>
    public bool IsWhole(int channel) => _trees[channel].IsComplete;

    /// <summary>The sum of a channel over all leaves.</summary>
    /// <exception cref="InvalidOperationException">Leaves are missing.</exception>
    public TSum Total(int channel) => _trees[channel].Total;

    /// <summary>The same, which is the caller's from now on.</summary>
    /// <exception cref="InvalidOperationException">Leaves are missing, or it was taken before.</exception>
    public TSum TakeTotal(int channel) => _trees[channel].TakeTotal();

    /// <summary>What is missing, as nodes by channel; for messages and for giving work away.</summary>
    public IEnumerable<(int Channel, TreeNode Node)> Missing() =>
        from channel in Enumerable.Range(0, Channels.Count)
        where Channels.IsPartOf(channel, Work)
        from node in _trees[channel].Missing()
        select (channel, node);
}
