using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Terms;
using Lockstep.Coordinator.Tests.Views;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Frames;

namespace Lockstep.Coordinator.Tests.Model;

/// <summary>
/// A cluster of the product's deciding parts alone: ledger, tree, planner, terms, the worker's schedule and allegiance. Whatever takes time is a message that
/// may arrive at any later moment, and what may happen next is a list to choose from. What must always hold is checked where it could first be broken.
/// </summary>
internal sealed partial class ModelCluster
{
    private readonly ModelScenario _scenario;
    private readonly ModelTraining _training;
    private readonly List<ModelLead> _leads = [];
    private readonly List<ModelProcess> _workers = [];
    private readonly List<ModelSession> _sessions = [];
    private readonly List<ModelMessage> _contributions = [];
    private readonly int[] _spent = new int[(int)EventKind.Rebalance + 1];

    public ModelCluster(ModelScenario scenario, ModelTraining training)
    {
        (_scenario, _training) = (scenario, training);
        _leads.Add(new ModelLead(0, new ModelDisk(), scenario.Shards));
        for (int i = 0; i < scenario.Workers; i++)
            _workers.Add(new ModelProcess(i));
        if (scenario.IsUnderWay)
            GetUnderWay();
    }

    public static ModelTraining TrainingOf(ModelScenario scenario) => new(scenario.Shards, scenario.Steps, scenario.Channels);

    public bool IsFinished => _leads.Exists(lead => lead.State == LeadState.Finished);

    /// <summary>Whether nothing more can come of it: the run is finished, or has rightly been given up.</summary>
    public bool IsOver => IsFinished || (_spent[(int)EventKind.Contradict] > 0 && _leads.Exists(lead => lead.State == LeadState.Failed));

    /// <summary>Whether a coordinator leads that may still decide steps.</summary>
    public bool IsLed => _leads.Exists(lead => lead.State == LeadState.Leading && lead.Ledger is not null);

    /// <summary>What the run waits for in vain.</summary>
    public string Waits => string.Join("; ", _leads.Select(lead => lead.State == LeadState.Leading
        ? $"the run never ends: step {lead.Step} at term {lead.Terms.Present.Term} waits under view {lead.Planner.At(lead.Step)?.Number}, with {string.Join(", ", lead.Sums.Select(sum => $"{sum.Leaves.Count} leaves from {sum.Leaves[0].Leaf}"))}"
        : $"the coordinator at term {lead.Terms.Present.Term} is {lead.State} {lead.Reason}"));

    public void Apply(ModelEvent happening)
    {
        _spent[(int)happening.Kind]++;
        (int subject, int choice) = (happening.Subject, happening.Choice);
        switch (happening.Kind)
        {
            case EventKind.Join:
                Join(_workers[subject], _leads[choice]);
                break;
            case EventKind.VersionArrives:
                VersionArrives(_sessions[subject]);
                break;
            case EventKind.HoldArrives:
                HoldArrives(_sessions[subject]);
                break;
            case EventKind.ViewArrives:
                ViewArrives(_sessions[subject], Take(_sessions[subject].Views, choice));
                break;
            case EventKind.LateViewArrives:
                ViewArrives(_workers[subject].Session!, Take(_workers[subject].LateViews, choice));
                break;
            case EventKind.Compute or EventKind.ComputeHalves:
                Compute(_sessions[subject], happening.Kind == EventKind.ComputeHalves);
                break;
            case EventKind.ContributionArrives:
                ContributionArrives(Take(_contributions, subject));
                break;
            case EventKind.LossSeen or EventKind.LossSeenAndRestLost:
                if (happening.Kind == EventKind.LossSeenAndRestLost)
                    _contributions.RemoveAll(message => message.From == _sessions[subject]);
                LetGo(_sessions[subject]);
                break;
            case EventKind.CheckpointWritten:
                _leads[subject].Disk.Checkpoint = _leads[subject].Snapshots.Dequeue();
                break;
            case EventKind.PeerAnswers:
                StandDown(_leads[subject], "another one has taken over");
                break;
            case EventKind.Resume:
                Succeed(_leads[subject], _leads[subject].Disk);
                break;
            case EventKind.ViewsSentAgain:
                SendViewsAgain(_sessions[subject]);
                break;
            case EventKind.Replaced:
                _workers[subject] = new ModelProcess(subject);
                break;
            case EventKind.Crash:
                Break(_workers[subject].Session);
                _workers[subject] = new ModelProcess(subject) { IsDone = !_scenario.Restarts && _workers.Exists(other => other.Number != subject && !other.IsDone) };
                break;
            case EventKind.Disconnect:
                Break(_sessions[subject]);
                break;
            case EventKind.DuplicateContribution:
                _contributions.Add(_contributions[subject]);
                break;
            case EventKind.DuplicateView:
                _sessions[subject].Views.Add(_sessions[subject].Views[choice]);
                break;
            case EventKind.LoseView:
                _sessions[subject].Views.RemoveAt(choice);
                break;
            case EventKind.LosePower or EventKind.LosePowerAndLines:
                LosePower(_leads[subject], happening.Kind == EventKind.LosePowerAndLines);
                break;
            case EventKind.TakeOver:
                Succeed(_leads[subject], _leads[subject].Disk.Replicate(_leads[subject].Terms.Present.Term));
                break;
            case EventKind.Stray:
                _contributions.Add(Stray(_sessions[subject], choice));
                break;
            case EventKind.Contradict:
                ModelMessage original = _contributions[subject];
                float other = MathF.BitIncrement(original.Value);
                _contributions.Add(original with { Value = other, Checksum = ChecksumOf(other) });
                break;
            case EventKind.Damage:
                _contributions[subject] = _contributions[subject] with { Value = MathF.BitIncrement(_contributions[subject].Value) };
                break;
            case EventKind.Measure:
                _leads[subject].Planner.Measure(1 + (choice % Math.Max(1, _leads[subject].Incarnations)), 1 + (choice % 37));
                break;
            case EventKind.Rebalance:
                Publish(_leads[subject], _leads[subject].Planner.Rebalance(_leads[subject].Step));
                break;
        }
    }

    private void GetUnderWay()
    {
        foreach (ModelProcess worker in _workers)
            Join(worker, _leads[0]);
        foreach (ModelSession session in _sessions)
            VersionArrives(session);
        foreach (ModelSession session in _sessions)
            HoldArrives(session);
        foreach (ModelSession session in _sessions)
            ViewArrives(session, Take(session.Views, 0));
    }

    private static T Take<T>(List<T> from, int place)
    {
        T taken = from[place];
        from.RemoveAt(place);
        return taken;
    }

    private static ulong ChecksumOf(float value)
    {
        Span<byte> bits = stackalloc byte[sizeof(float)];
        BitConverter.TryWriteBytes(bits, value);
        return Checksum.Of(bits);
    }

    // As the doorkeeper lets in, and as the worker takes the welcome.
    private void Join(ModelProcess worker, ModelLead lead)
    {
        if (worker.Session is { } before)
            worker.LateViews.AddRange(before.Views);
        worker.Session = null;
        if (worker.Known.Term > 0)
        {
            long ledTerm = lead.Terms.Present.Term;
            TermAnswer answer = lead.Terms.Hear(worker.Known.Term);
            if (answer == TermAnswer.MustStop)
            {
                StandDown(lead, $"term {worker.Known.Term} has begun");
                return;
            }
            if (worker.Known.Term > ledTerm && answer == TermAnswer.Stands)
                throw new ModelViolation($"a coordinator went on leading at term {ledTerm} after it had heard of term {worker.Known.Term}");
            if (lead.Ledger is { } open && lead.Terms.Present.Term != open.Term)
                throw new ModelViolation($"the term of a training coordinator rose from {open.Term} to {lead.Terms.Present.Term}");
        }
        CoordinatorTerm welcome = lead.Terms.Present;
        if (worker.Known.Term > 0 && !worker.Known.MayGiveWayTo(welcome))
            return;
        if (welcome.Term < worker.Known.Term)
            throw new ModelViolation($"a worker went back from term {worker.Known.Term} to term {welcome.Term}");
        if (welcome.Term == worker.Known.Term && welcome.CoordinatorId != worker.Known.CoordinatorId)
            throw new ModelViolation($"a worker followed two coordinators at term {welcome.Term}");
        worker.Known = welcome;

        if (lead.Ledger is null)
            lead.Begin(_training);
        var session = new ModelSession(++lead.Incarnations, lead, worker, lead.Ledger!.Run, lead.Ledger.Term, _training.Shards);
        worker.Session = session;
        _sessions.Add(session);
        lead.Sessions.Add(session);
        session.Versions.Enqueue(lead.Present());
    }

    private void VersionArrives(ModelSession session)
    {
        ModelVersion version = session.Versions.Dequeue();
        if (!session.Allegiance.Includes(version.Run, version.Term))
            return;
        session.Schedule.Begin(version.Step, version.View);
        session.HoldOnItsWay |= session.Held is null;
        session.Held = version;
        session.Done.Clear();
    }

    // As the coordinator's actor admits: the first view waits for all that began together.
    private void HoldArrives(ModelSession session)
    {
        session.HoldOnItsWay = false;
        if (session.Stage != SessionStage.Receiving)
            return;
        session.Stage = SessionStage.Computing;
        AdmitHolders(session.Lead);
    }

    private void AdmitHolders(ModelLead lead)
    {
        long[] waiting = [.. lead.Sessions.Where(session => session.Stage == SessionStage.Computing && !lead.Planner.Workers.Contains(session.Incarnation)).Select(session => session.Incarnation)];
        if (lead.Planner.Workers.Count == 0 && lead.Sessions.Exists(session => session.Stage == SessionStage.Receiving))
            return;
        if (waiting.Length > 0)
            Publish(lead, lead.Planner.Admit(waiting, lead.Step));
    }

    private static void ViewArrives(ModelSession session, ViewPublished view)
    {
        if (!session.Allegiance.Includes(new RunId(view.Run), view.Term))
            return;
        session.Schedule.Add(view);
        session.Seen.Add(view);
    }

    private void Compute(ModelSession session, bool halves)
    {
        ModelVersion version = session.Held!;
        int holding = session.Seen.Where(view => view.FromStep <= version.Step).Select(view => view.Number).DefaultIfEmpty().Max();
        if (holding < version.View)
            throw new ModelViolation($"step {version.Step} was computed by view {holding}, but its version names view {version.View}");
        foreach (TreeNode node in session.Schedule.Todo().ToArray())
        {
            foreach (TreeNode part in halves && node.Count > 1 ? (TreeNode[])[node.Left, node.Right] : [node])
                Send(session, version, part);
            session.Schedule.Done([node]);
            session.Done.Add(node);
        }
    }

    private void Send(ModelSession session, ModelVersion version, TreeNode node)
    {
        for (int channel = 0; channel < _training.Channels.Count; channel++)
        {
            if (!_training.Channels.IsPartOf(channel, _training.WorkOf(version.Step)))
                continue;
            float value = ToyTraining.Node(version.Model, version.Step, channel, node);
            var key = new ContributionKey(session.Allegiance.Run, session.Allegiance.Term, version.Step, channel, node.Start, node.Count);
            _contributions.Add(new ModelMessage(session, key, value, ChecksumOf(value)));
        }
    }

    private void ContributionArrives(ModelMessage message)
    {
        ModelLead lead = message.From.Lead;
        if (lead.State != LeadState.Leading)
            return;
        if (ChecksumOf(message.Value) != message.Checksum && _scenario.Defect != ModelDefect.SkipsFrameChecksums)
        {
            Break(message.From);
            return;
        }
        StepLedger<TracedSum> ledger = lead.Ledger!;
        ContributionKey key = message.Key;
        var sum = new TracedSum(message.Value, Enumerable.Range(key.FirstLeaf, key.Leaves).Select(leaf => (leaf, key)));
        Verdict verdict = ledger.Offer(key, message.Checksum, message.From.Incarnation, sum, out _);
        switch (verdict)
        {
            case Verdict.Accepted:
                Accepted(lead, key, sum);
                Remember(lead, message, key);
                if (ledger.IsDecided)
                    Decide(lead);
                break;
            case Verdict.AlreadyCovered:
                Remember(lead, message, key);
                break;
            case Verdict.Conflict:
                lead.State = LeadState.Failed;
                lead.Reason = "two copies of a node differ";
                BreakAll(lead);
                break;
            case Verdict.HigherTerm:
                StandDown(lead, $"term {key.Term} has begun");
                break;
            case var refusal when refusal.IsRefusal():
                Break(message.From);
                break;
        }
    }

    private void Decide(ModelLead lead)
    {
        StepLedger<TracedSum> ledger = lead.Ledger!;
        long step = lead.Step;
        CheckDecision(lead);
        lead.Model = ModelTraining.Update(lead.Model, _training.Channels, ledger.Work, channel => ledger.Total(channel).Value);
        // Where a copy with other bits was about, nobody can know which one is right.
        if (lead.Model != _training.AloneAfter(step + 1) && _spent[(int)EventKind.Contradict] == 0)
            throw new ModelViolation($"step {step} was decided at term {ledger.Term} to other bits than a lone worker's");
        Log(lead, step, BitConverter.SingleToUInt32Bits(ledger.Total(_training.Channels.TrainingSums).Value));
        lead.Step++;
        lead.Arrived.Clear();
        lead.Sums.Clear();
        if (lead.Step == _training.Steps)
        {
            Finish(lead);
            return;
        }
        ledger.Open(lead.Step, _training.WorkOf(lead.Step));
        if (lead.Step % _scenario.CheckpointEvery == 0)
        {
            if (_scenario.Defect != ModelDefect.ChecksPointBeforeLog)
                lead.Disk.Synced = lead.Disk.Log.Count;
            lead.Snapshots.Enqueue((lead.Step, lead.Model));
        }
        foreach (ModelSession session in lead.Sessions.Where(session => session.Stage != SessionStage.Gone && session.IsConnected))
            Feed(session, lead.Present());
    }

    // A worker has room for two: one that falls behind is given the newest next, not those that it missed.
    private static void Feed(ModelSession session, ModelVersion version)
    {
        const int Places = 2;
        while (session.Versions.Count + (session.Held is null ? 0 : 1) >= Places && session.Versions.Count > 0)
            session.Versions.Dequeue();
        session.Versions.Enqueue(version);
    }

    private void Log(ModelLead lead, long step, uint loss)
    {
        if (lead.Replayed.Remove(step, out uint before) && before != loss)
            throw new ModelViolation($"step {step} was replayed with another loss");
        lead.Disk.Log.Add((step, loss));
    }

    private void Finish(ModelLead lead)
    {
        lead.State = LeadState.Finished;
        for (long step = 0; step < _training.Steps; step++)
        {
            int lines = lead.Disk.Log.Count(line => line.Step == step);
            if (lines != 1)
                throw new ModelViolation($"step {step} stands {lines} times in the log of the finished run");
        }
        foreach (ModelSession session in lead.Sessions.Where(session => session.Process.Session == session))
            session.Process.IsDone = true;
        BreakAll(lead);
    }

    private void LetGo(ModelSession session)
    {
        session.Stage = SessionStage.Gone;
        ModelLead lead = session.Lead;
        if (lead.State != LeadState.Leading)
            return;
        bool hadShare = lead.Planner.Workers.Contains(session.Incarnation);
        if (lead.Planner.Remove(session.Incarnation, lead.Step) is { } view)
            Publish(lead, view);
        else if (!hadShare)
            AdmitHolders(lead);
    }

    private static void Publish(ModelLead lead, ClusterView? view)
    {
        if (view is null)
            return;
        lead.NewestView = view.Number;
        ViewPublished message = view.ToMessage(lead.Ledger!.Run.Value, lead.Ledger.Term);
        foreach (ModelSession session in lead.Sessions.Where(session => session.Stage != SessionStage.Gone))
            session.Views.Add(message);
    }

    private static void SendViewsAgain(ModelSession session)
    {
        foreach (ClusterView view in Mattering(session.Lead).Where(view => !session.Views.Exists(coming => coming.Number == view.Number) && !session.Seen.Exists(seen => seen.Number == view.Number)))
            session.Views.Add(view.ToMessage(session.Lead.Ledger!.Run.Value, session.Lead.Ledger.Term));
    }

    private static IEnumerable<ClusterView> Mattering(ModelLead lead) =>
        new[] { lead.Planner.At(lead.Step), lead.Planner.Newest }.OfType<ClusterView>().Distinct();
}
