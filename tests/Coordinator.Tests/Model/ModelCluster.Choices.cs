using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Lockstep.Coordinator.Terms;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Tests.Model;

/// <content>What may happen next, and how two states are told apart.</content>
internal sealed partial class ModelCluster
{
    private readonly StringBuilder _print = new();

    /// <summary>Everything that may happen next.</summary>
    public void Choices(List<ModelEvent> into)
    {
        into.Clear();
        for (int i = 0; i < _workers.Count; i++)
            OfWorker(i, into);
        for (int i = 0; i < _sessions.Count; i++)
            OfSession(i, into);
        for (int i = 0; i < _contributions.Count; i++)
            OfContribution(i, into);
        for (int i = 0; i < _leads.Count; i++)
            OfLead(i, into);
    }

    private bool Has(int budget, params ReadOnlySpan<EventKind> kinds)
    {
        foreach (EventKind kind in kinds)
            budget -= _spent[(int)kind];
        return budget > 0;
    }

    private void OfWorker(int place, List<ModelEvent> into)
    {
        ModelProcess worker = _workers[place];
        if (worker.IsDone)
            return;
        if (worker.Session is not { IsConnected: true })
        {
            int before = into.Count;
            for (int lead = 0; lead < _leads.Count; lead++)
            {
                if (_leads[lead].State == LeadState.Leading && MaySucceedAt(worker, _leads[lead]))
                    into.Add(new ModelEvent(EventKind.Join, place, lead));
            }
            if (into.Count == before && _scenario.TakeOvers > 1 && _leads.Exists(lead => lead.State == LeadState.Leading))
                into.Add(new ModelEvent(EventKind.Replaced, place));
        }
        else if (Has(_scenario.LateViews, EventKind.LateViewArrives))
        {
            for (int view = 0; view < worker.LateViews.Count; view++)
                into.Add(new ModelEvent(EventKind.LateViewArrives, place, view));
        }
        if (Has(_scenario.Crashes, EventKind.Crash) && worker.Session is not null)
            into.Add(new ModelEvent(EventKind.Crash, place));
    }

    // A worker asks everybody; what changes nothing is left out.
    private static bool MaySucceedAt(ModelProcess worker, ModelLead lead) =>
        worker.Known.Term == 0 || worker.Known.Term > lead.Terms.Present.Term || worker.Known.MayGiveWayTo(lead.Terms.Present);

    private void OfSession(int place, List<ModelEvent> into)
    {
        ModelSession session = _sessions[place];
        bool alive = session.Process.Session == session && session.IsConnected && _workers[session.Process.Number] == session.Process;
        if (session.Lead.State != LeadState.Leading)
            return;
        if (!session.IsConnected && session.Stage != SessionStage.Gone)
        {
            into.Add(new ModelEvent(EventKind.LossSeen, place));
            if (_contributions.Exists(message => message.From == session))
                into.Add(new ModelEvent(EventKind.LossSeenAndRestLost, place));
        }
        if (!alive)
            return;
        if (session.Versions.Count > 0)
            into.Add(new ModelEvent(EventKind.VersionArrives, place));
        if (session.HoldOnItsWay)
            into.Add(new ModelEvent(EventKind.HoldArrives, place));
        for (int view = 0; view < session.Views.Count; view++)
            into.Add(new ModelEvent(EventKind.ViewArrives, place, view));
        if (session.Held is not null && session.Schedule.Todo() is { Count: > 0 } todo)
        {
            into.Add(new ModelEvent(EventKind.Compute, place));
            if (_scenario.Halves && todo.Any(node => node.Count > 1))
                into.Add(new ModelEvent(EventKind.ComputeHalves, place));
        }
        if (_spent[(int)EventKind.LoseView] > 0 && LacksAView(session))
            into.Add(new ModelEvent(EventKind.ViewsSentAgain, place));
        if (Has(_scenario.Disconnects, EventKind.Disconnect))
            into.Add(new ModelEvent(EventKind.Disconnect, place));
        if (Has(_scenario.Duplicates, EventKind.DuplicateContribution, EventKind.DuplicateView) && session.Views.Count > 0)
            into.Add(new ModelEvent(EventKind.DuplicateView, place, session.Views.Count - 1));
        if (Has(_scenario.LostViews, EventKind.LoseView) && session.Views.Count > 0)
            into.Add(new ModelEvent(EventKind.LoseView, place));
        if (Has(_scenario.Strays, EventKind.Stray))
        {
            for (int kind = 0; kind < 7; kind++)
            {
                if ((kind != 4 || session.Lead.Step > 0) && (kind != 6 || !_training.Channels.IsPartOf(_training.Channels.Count - 1, session.Lead.Ledger!.Work)) && (kind != 5 || _scenario.Shards > 2))
                    into.Add(new ModelEvent(EventKind.Stray, place, kind));
            }
        }
    }

    private static bool LacksAView(ModelSession session) =>
        session.Stage == SessionStage.Computing
        && Mattering(session.Lead).Any(view => !session.Views.Exists(coming => coming.Number == view.Number) && !session.Seen.Exists(seen => seen.Number == view.Number));

    private void OfContribution(int place, List<ModelEvent> into)
    {
        ModelMessage message = _contributions[place];
        if (_contributions.FindIndex(other => ReferenceEquals(other, message) || other == message) < place)
            return;
        into.Add(new ModelEvent(EventKind.ContributionArrives, place));
        if (Has(_scenario.Duplicates, EventKind.DuplicateContribution, EventKind.DuplicateView))
            into.Add(new ModelEvent(EventKind.DuplicateContribution, place));
        if (Has(_scenario.WrongBits, EventKind.Contradict))
            into.Add(new ModelEvent(EventKind.Contradict, place));
        if (Has(_scenario.Damages, EventKind.Damage))
            into.Add(new ModelEvent(EventKind.Damage, place));
    }

    private void OfLead(int place, List<ModelEvent> into)
    {
        ModelLead lead = _leads[place];
        if (lead.State is LeadState.Crashed or LeadState.StoodDown && !lead.IsSucceeded && !_leads.Exists(other => other.State == LeadState.Leading))
            into.Add(new ModelEvent(EventKind.Resume, place));
        if (lead.State != LeadState.Leading)
            return;
        if (lead.Snapshots.Count > 0)
            into.Add(new ModelEvent(EventKind.CheckpointWritten, place));
        if (_leads.Exists(other => other != lead && other.State == LeadState.Leading && TermRule.IsSuperseded(lead.Terms.Present, other.Terms.Present)))
            into.Add(new ModelEvent(EventKind.PeerAnswers, place));
        if (Has(_scenario.CoordinatorCrashes, EventKind.LosePower, EventKind.LosePowerAndLines) && lead.Ledger is not null)
        {
            into.Add(new ModelEvent(EventKind.LosePower, place));
            if (lead.Disk.Log.Count > lead.Disk.Synced)
                into.Add(new ModelEvent(EventKind.LosePowerAndLines, place));
        }
        if (Has(_scenario.TakeOvers, EventKind.TakeOver) && lead.Ledger is not null)
            into.Add(new ModelEvent(EventKind.TakeOver, place));
        if (_scenario.Defect == ModelDefect.SharesTheDirectory && _leads.Count == 1 && lead.Ledger is not null)
            into.Add(new ModelEvent(EventKind.Resume, place));
        if (lead.Ledger is not null && Has(_scenario.Measurements, EventKind.Measure, EventKind.Rebalance))
        {
            for (int choice = 0; choice < 6; choice++)
                into.Add(new ModelEvent(EventKind.Measure, place, choice * 7));
            into.Add(new ModelEvent(EventKind.Rebalance, place));
        }
    }

    /// <summary>The same for two states from which the same can follow.</summary>
    public UInt128 Fingerprint()
    {
        _print.Clear();
        foreach (int spent in _spent.AsSpan((int)EventKind.Crash))
            _print.Append(spent).Append(',');
        foreach (ModelLead lead in _leads)
            Print(lead);
        foreach (ModelProcess worker in _workers)
        {
            _print.Append("|w").Append(worker.Known.Term).Append('/').Append(LeadOf(worker.Known.CoordinatorId)).Append(worker.IsDone ? 'd' : ' ').Append(worker.Session is { } session ? _sessions.IndexOf(session) : -1);
            foreach (ViewPublished view in worker.LateViews.Where(_ => _scenario.LateViews > 0))
                _print.Append('l').Append(view.Term).Append('.').Append(view.Number);
        }
        foreach (ModelSession session in _sessions)
            Print(session);
        foreach (string message in _contributions.Select(message => message.ToString()).Order(StringComparer.Ordinal))
            _print.Append('|').Append(message);
        UInt128 print = 0;
        foreach (ReadOnlyMemory<char> chunk in _print.GetChunks())
            print = (print * 31) + XxHash128.HashToUInt128(MemoryMarshal.AsBytes(chunk.Span), 0);
        return print;
    }

    private int LeadOf(Guid coordinator) => _leads.FindIndex(lead => lead.Terms.Present.CoordinatorId == coordinator);

    private void Print(ModelLead lead)
    {
        _print.Append("|L").Append((int)lead.State).Append('t').Append(lead.Terms.Present.Term).Append('d').Append(lead.Disk.Term).Append('c').Append(lead.Disk.Checkpoint.Step)
            .Append('y').Append(lead.Disk.Synced).Append('/').Append(lead.Disk.Log.Count).Append('s').Append(lead.Step).Append(lead.IsSucceeded ? 'x' : ' ').Append('i').Append(lead.Incarnations)
            .Append('n').Append(lead.NewestView).Append('q').Append(lead.Snapshots.Count).Append(lead.Ledger is null ? 'g' : 't');
        if (lead.State != LeadState.Leading)
            return;
        foreach (string arrived in lead.Arrived)
            _print.Append('a').Append(arrived);
        // The partial sums with their bits, so that a wrong sum is never taken for a right one.
        foreach (string sum in lead.Sums.Where(sum => sum.Releases == 0).Select(sum => FormattableString.Invariant($"p{sum.Leaves[0].From.Channel}.{sum.Leaves[0].Leaf}+{sum.Leaves.Count}={BitConverter.SingleToUInt32Bits(sum.Value):x}")).Order(StringComparer.Ordinal))
            _print.Append(sum);
        foreach (long worker in lead.Planner.Workers)
            _print.Append('m').Append(worker);
        ClusterView? last = null;
        for (long step = lead.Step; step <= lead.Step + ViewPlanner.StepsAhead; step++)
        {
            ClusterView? view = lead.Planner.At(step);
            if (view is null || view == last)
                continue;
            _print.Append('v').Append(view.Number).Append('@').Append(view.FromStep);
            foreach ((long worker, IReadOnlyList<TreeNode> nodes) in view.Shares)
            {
                foreach (TreeNode node in nodes)
                    _print.Append(worker).Append(':').Append(node.Start).Append('+').Append(node.Count).Append(' ');
            }
            last = view;
        }
    }

    private void Print(ModelSession session)
    {
        _print.Append("|S").Append(session.Incarnation).Append('>').Append(session.Lead.Number).Append(session.IsConnected ? 'c' : ' ').Append((int)session.Stage);
        // Nothing can come of a session that both sides have left but what it has sent.
        if (!session.IsConnected || session.Process.Session != session)
            return;
        _print.Append(session.HoldOnItsWay ? 'h' : ' ').Append(session.Held?.Step ?? -1).Append('/').Append(session.Held?.View ?? -1);
        foreach (ModelVersion version in session.Versions)
            _print.Append('q').Append(version.Step).Append('/').Append(version.View);
        foreach (ViewPublished view in session.Views)
            _print.Append('v').Append(view.Number);
        // In the order in which they came, on which nothing should depend.
        foreach (ViewPublished seen in session.Seen)
            _print.Append('s').Append(seen.Term).Append('.').Append(seen.Number);
        foreach (TreeNode node in session.Done.OrderBy(node => node.Start))
            _print.Append('d').Append(node.Start).Append('+').Append(node.Count);
    }
}
