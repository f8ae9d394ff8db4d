using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.Coordinator.Tests.Model;

/// <content>What must always hold.</content>
internal sealed partial class ModelCluster
{
    // Nothing that is not of this very run, term and step ever enters.
    private void Accepted(ModelLead lead, ContributionKey key, TracedSum sum)
    {
        StepLedger<TracedSum> ledger = lead.Ledger!;
        if (key.Run != ledger.Run)
            throw new ModelViolation($"a contribution of another run entered step {lead.Step}");
        if (key.Term != ledger.Term)
            throw new ModelViolation($"a contribution of term {key.Term} entered a step of term {ledger.Term}");
        if (key.Step != lead.Step)
            throw new ModelViolation($"a contribution of step {key.Step} entered step {lead.Step}");
        if (!_training.Channels.IsPartOf(key.Channel, ledger.Work))
            throw new ModelViolation($"a contribution to channel {key.Channel} entered a step without it");
        if (!new TreeNode(key.FirstLeaf, key.Leaves).IsAligned)
            throw new ModelViolation($"leaves that are no node of the tree entered step {lead.Step}");
        lead.Sums.Add(sum);
    }

    // Of two copies of one node that differ, one is wrong, and nobody knows which.
    private static void Remember(ModelLead lead, ModelMessage message, ContributionKey key)
    {
        string node = $"{key.Channel} {key.FirstLeaf}+{key.Leaves} ";
        if (lead.Arrived.FirstOrDefault(arrived => arrived.StartsWith(node, StringComparison.Ordinal)) is { } first && first != $"{node}{message.Checksum:x}")
            throw new ModelViolation($"two copies of a node differed, and step {key.Step} went on");
        lead.Arrived.Add($"{node}{message.Checksum:x}");
    }

    // A step closes once, with each leaf of each of its channels exactly once, in the tree's order.
    private void CheckDecision(ModelLead lead)
    {
        if (!lead.Decided.Add(lead.Step))
            throw new ModelViolation($"step {lead.Step} closed twice at term {lead.Ledger!.Term}");
        for (int channel = 0; channel < _training.Channels.Count; channel++)
        {
            if (!_training.Channels.IsPartOf(channel, lead.Ledger!.Work))
                continue;
            if (!lead.Ledger.IsWhole(channel))
                throw new ModelViolation($"step {lead.Step} closed without the whole of channel {channel}");
            TracedSum total = lead.Ledger.Total(channel);
            if (!total.Leaves.Select(leaf => leaf.Leaf).SequenceEqual(Enumerable.Range(0, _training.Shards)))
                throw new ModelViolation($"step {lead.Step} closed with the leaves {string.Join(",", total.Leaves.Select(leaf => leaf.Leaf))} in channel {channel}");
        }
    }

    /// <summary>What must hold in every state; what an event itself may break is checked where it happens.</summary>
    public void Check()
    {
        foreach (ModelLead lead in _leads)
            CheckViews(lead);
    }

    // Every view that holds now or later gives every leaf away, to workers that have not been given up.
    private void CheckViews(ModelLead lead)
    {
        if (lead.State != LeadState.Leading)
            return;
        for (long step = lead.Step; step <= lead.Step + ViewPlanner.StepsAhead + 1; step++)
        {
            ClusterView? view = lead.Planner.At(step);
            if (view is null && lead.Planner.Workers.Count == 0)
                continue;
            if (view is null)
                throw new ModelViolation($"no view holds for step {step}");
            bool[] given = new bool[_training.Shards];
            foreach ((long worker, IReadOnlyList<TreeNode> nodes) in view.Shares)
            {
                if (nodes.Count > 0 && !lead.Planner.Workers.Contains(worker))
                    throw new ModelViolation($"view {view.Number}, which holds for step {step}, counts on worker {worker}, which is gone");
                foreach (TreeNode node in nodes)
                    given.AsSpan(node.Start, node.Count).Fill(true);
            }
            if (Array.IndexOf(given, false) is >= 0 and int leaf)
                throw new ModelViolation($"view {view.Number} gives leaf {leaf} of step {step} to nobody");
        }
    }
}
