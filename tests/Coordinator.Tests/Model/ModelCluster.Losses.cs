using Lockstep.Coordinator.Steps;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Tests.Model;

/// <content>What is lost: coordinators with their power or their lead, connections with what is on its way.</content>
internal sealed partial class ModelCluster
{
    private void Succeed(ModelLead before, ModelDisk disk)
    {
        before.IsSucceeded = true;
        long known = disk.Term;
        var lead = new ModelLead(_leads.Count, disk, _training.Shards);
        if (lead.Terms.Present.Term <= known)
            throw new ModelViolation($"a coordinator began at term {lead.Terms.Present.Term}, which its directory knew already");
        _leads.Add(lead);
    }

    private void LosePower(ModelLead lead, bool lines)
    {
        if (lines)
            lead.Disk.Log.RemoveRange(lead.Disk.Synced, lead.Disk.Log.Count - lead.Disk.Synced);
        lead.State = LeadState.Crashed;
        lead.Snapshots.Clear();
        BreakAll(lead);
        _contributions.RemoveAll(message => message.From.Lead == lead);
    }

    private void StandDown(ModelLead lead, string reason)
    {
        (lead.State, lead.Reason) = (LeadState.StoodDown, reason);
        BreakAll(lead);
        _contributions.RemoveAll(message => message.From.Lead == lead);
    }

    private void BreakAll(ModelLead lead)
    {
        foreach (ModelSession session in lead.Sessions)
            Break(session);
    }

    // What was on its way to the worker is lost with the connection; what it has sent may still arrive.
    private static void Break(ModelSession? session)
    {
        if (session is null)
            return;
        session.IsConnected = false;
        session.Versions.Clear();
        session.HoldOnItsWay = false;
    }

    private ModelMessage Stray(ModelSession from, int choice)
    {
        StepLedger<TracedSum> ledger = from.Lead.Ledger!;
        var right = new ContributionKey(ledger.Run, ledger.Term, ledger.Step, _training.Channels.TrainingSums, 0, _training.Shards);
        ContributionKey key = choice switch
        {
            0 => right with { Run = new RunId(8) },
            1 => right with { Term = right.Term - 1 },
            2 => right with { Term = right.Term + 1 },
            3 => right with { Step = _training.Steps + 5 },
            4 => right with { Step = right.Step - 1 },
            5 => right with { FirstLeaf = 1, Leaves = Math.Max(2, _training.Shards / 2) },
            _ => right with { Channel = _training.Channels.Count - 1 },
        };
        const float Garbage = 12_345;
        return new ModelMessage(from, key, Garbage, ChecksumOf(Garbage));
    }
}
