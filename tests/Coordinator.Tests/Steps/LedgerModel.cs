using Lockstep.Coordinator.Steps;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Tests.Steps;

/// <summary>What the ledger must say, told by leaf and without any tree.</summary>
internal sealed class LedgerModel(RunId run, long term, StepChannels channels, int shards)
{
    private readonly Dictionary<int, HashSet<int>> _leaves = [];
    private readonly Dictionary<(int, int, int), ulong> _checksums = [];
    private long _step = -1;
    private StepWork _work;

    public bool IsDecided => _step >= 0 && Needed.All(channel => _leaves[channel].Count == shards);

    public IEnumerable<(int Channel, int Leaf)> Missing =>
        from channel in Needed
        from leaf in Enumerable.Range(0, shards)
        where !_leaves[channel].Contains(leaf)
        select (channel, leaf);

    private IEnumerable<int> Needed => Enumerable.Range(0, channels.Count).Where(IsNeeded);

    public void Open(long step, StepWork work)
    {
        (_step, _work) = (step, work);
        _checksums.Clear();
        for (int channel = 0; channel < channels.Count; channel++)
            _leaves[channel] = [];
    }

    public Verdict Offer(ContributionKey key, ulong checksum)
    {
        if (key.Run != run)
            return Verdict.OtherRun;
        if (key.Term < term)
            return Verdict.LowerTerm;
        if (key.Term > term)
            return Verdict.HigherTerm;
        if (key.Channel < 0 || key.Channel > channels.GradientBlocks + channels.EvaluationMinibatches)
            return Verdict.UnknownChannel;
        if (!IsNode(key.FirstLeaf, key.Leaves))
            return Verdict.NoNode;
        if (key.Step != _step)
            return key.Step > _step ? Verdict.FutureStep : Verdict.OlderStep;
        if (!IsNeeded(key.Channel))
            return Verdict.UnknownChannel;

        if (!_checksums.TryAdd((key.Channel, key.FirstLeaf, key.Leaves), checksum)
            && _checksums[(key.Channel, key.FirstLeaf, key.Leaves)] != checksum)
            return Verdict.Conflict;
        int before = _leaves[key.Channel].Count;
        _leaves[key.Channel].UnionWith(Enumerable.Range(key.FirstLeaf, key.Leaves));
        return _leaves[key.Channel].Count > before ? Verdict.Accepted : Verdict.AlreadyCovered;
    }

    private bool IsNeeded(int channel) =>
        (_work & (channel <= channels.GradientBlocks ? StepWork.Train : StepWork.Evaluate)) != 0;

    private bool IsNode(int first, int count) => Enumerable.Range(0, int.Log2(shards) + 1)
        .SelectMany(power => Enumerable.Range(0, shards >> power).Select(place => new TreeNode(place << power, 1 << power)))
        .Contains(new TreeNode(first, count));
}
