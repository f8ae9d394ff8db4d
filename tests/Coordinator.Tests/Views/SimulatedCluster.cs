using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Tests.Reduction;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Tests.Views;

/// <summary>
/// A cluster in which everything that may take time is a list of things that have not happened yet, and the test chooses
/// which of them happens next. The planner and the ledger are the product's; there is no clock, no thread and no actor.
/// </summary>
internal sealed class SimulatedCluster
{
    private static readonly RunId Run = new(7);

    private readonly int _shards;
    private readonly long _steps;
    private readonly ViewPlanner _planner;
    private readonly StepLedger<CountedSum> _ledger;
    private readonly List<SimulatedWorker> _workers = [];
    private readonly List<(ContributionKey Key, float Value, long Worker)> _contributions = [];
    private readonly List<SimulatedWorker> _undetected = [];
    private readonly List<CountedSum> _accepted = [];
    private long _incarnations;
    private int _newestView;

    public SimulatedCluster(int shards, long steps)
    {
        _shards = shards;
        _steps = steps;
        _planner = new ViewPlanner(shards);
        _ledger = new StepLedger<CountedSum>(Run, 1, ToyTraining.Channels, shards, _ => new CountingArithmetic());
        _ledger.Open(0, ToyTraining.WorkOf(0));
    }

    public long Step { get; private set; }

    public ulong Model { get; private set; } = ToyTraining.FirstModel;

    public bool IsFinished => Step == _steps;

    /// <summary>How often what was missing of late workers was given to others too.</summary>
    public int BackedUp { get; private set; }

    /// <summary>How many came back by a balance after they had been late.</summary>
    public int CameBack { get; private set; }

    /// <summary>Lets one thing happen; which one, and to whom, is the choice's.</summary>
    public void Happen(int kind, int choice)
    {
        switch (kind)
        {
            case 0:
                Join();
                break;
            case 1:
                With(_workers, choice, Crash);
                break;
            case 2:
                With(_undetected, choice, Detect);
                break;
            case 3:
                // Held for dead while it lives on, and goes on sending what it has computed.
                With(_workers, choice, worker => { _workers.Remove(worker); Detect(worker); });
                break;
            case 4:
                With(_workers, choice, worker => _planner.Measure(worker.Incarnation, 1 + (choice % 37)));
                break;
            case 5:
                Rebalance();
                break;
            case 6 or 7:
                With(_workers, choice, DeliverVersion);
                break;
            case 8 or 9:
                With(_workers, choice, worker => DeliverView(worker, choice / 7));
                break;
            case 10 or 11 or 12:
                With(_workers, choice, worker => Compute(worker, choice));
                break;
            case 17:
                BackUp();
                break;
            case 20:
                With(_workers, choice, HoldUp);
                break;
            case 18:
                With(_workers, choice, worker => worker.IsPaused = true);
                break;
            case 19:
                With(_workers, choice, worker => worker.IsPaused = false);
                break;
            default:
                With(_contributions, choice, Arrive);
                break;
        }
        CheckViews();
    }

    /// <summary>
    /// Ends the trouble: what is on its way arrives, and every worker goes on until the run is over. Those that stand still do so as long as
    /// there is one that can compute in their place.
    /// </summary>
    /// <returns>What the run waits for in vain, or null when it has finished.</returns>
    public string? RunOut()
    {
        while (_undetected.Count > 0)
            Detect(_undetected[0]);
        if (_workers.Count == 0)
            Join();
        for (long balanced = Step; !IsFinished;)
        {
            if (balanced < Step)
            {
                balanced = Step;
                // Every other one that was late wakes and finds that the others have gone on.
                foreach (SimulatedWorker worker in _workers.Where(worker => worker.Incarnation % 2 == 0 && _planner.IsOnTrial(worker.Incarnation)))
                    worker.IsPaused = false;
                Rebalance();
            }
            bool moved = CatchUp();
            while (_contributions.Count > 0)
            {
                moved = true;
                Arrive(_contributions[0]);
            }
            CheckViews();
            if (moved || _workers.Exists(worker => !worker.IsPaused && worker.IncomingViews.Count + worker.IncomingVersions.Count > 0) || BackUp())
                continue;
            if (_workers.Exists(worker => !worker.IsPaused && !_planner.IsOnTrial(worker.Incarnation) && _planner.At(Step)?.LeavesOf(worker.Incarnation) > 0)
                || _workers.Find(worker => worker.IsPaused) is not { } asleep)
                return $"step {Step} waits for {string.Join(", ", _ledger.Missing())} under view {_planner.At(Step)?.Number}";
            asleep.IsPaused = false;
        }
        return null;
    }

    private static void With<T>(List<T> candidates, int choice, Action<T> act)
    {
        if (candidates.Count > 0)
            act(candidates[choice % candidates.Count]);
    }

    private void Join()
    {
        if (_workers.Count >= 6)
            return;
        var worker = new SimulatedWorker(++_incarnations);
        _workers.Add(worker);
        worker.IncomingVersions.Enqueue(Present());
    }

    private void Crash(SimulatedWorker worker)
    {
        worker.IsAlive = false;
        _workers.Remove(worker);
        _undetected.Add(worker);
    }

    private void Detect(SimulatedWorker worker)
    {
        _undetected.Remove(worker);
        Publish(_planner.Remove(worker.Incarnation, Step));
    }

    private void DeliverVersion(SimulatedWorker worker)
    {
        if (worker.IsPaused || !worker.IncomingVersions.TryDequeue(out Version? version))
            return;
        if (worker.IsDone)
            _planner.Delivered(worker.Incarnation, worker.Held!.Step);
        worker.Receive(version);
        // It holds a whole version: that is the moment at which it is admitted, and told of the views that still matter.
        if (_planner.Workers.Contains(worker.Incarnation))
            return;
        ClusterView? published = _planner.Admit(worker.Incarnation, Step);
        for (long step = Step; step <= Step + ViewPlanner.StepsAhead; step++)
        {
            if (_planner.At(step) is { } view && view != published && !worker.IncomingViews.Contains(view))
                worker.IncomingViews.Add(view);
        }
        Publish(published);
    }

    private static void DeliverView(SimulatedWorker worker, int choice) => With(worker.IsPaused ? [] : worker.IncomingViews, choice, view =>
    {
        worker.IncomingViews.Remove(view);
        worker.Receive(view);
    });

    // A worker stands still until the others have done all that is theirs, and the step is overdue.
    private void HoldUp(SimulatedWorker worker)
    {
        worker.IsPaused = true;
        for (int i = 0; i < 3 && !IsFinished; i++)
        {
            CatchUp();
            while (_contributions.Count > 0)
                Arrive(_contributions[0]);
        }
        if (!IsFinished)
            BackUp();
    }

    private bool CatchUp()
    {
        bool computed = false;
        foreach (SimulatedWorker worker in _workers.Where(worker => !worker.IsPaused).ToArray())
        {
            while (worker.IncomingViews.Count > 0)
                DeliverView(worker, 0);
            while (worker.IncomingVersions.Count > 0)
                DeliverVersion(worker);
            computed |= Compute(worker, 0);
        }
        return computed;
    }

    private void Rebalance()
    {
        int onTrial = OnTrial;
        Publish(_planner.Rebalance(Step));
        CameBack += onTrial - OnTrial;
    }

    // The present step is held to be overdue.
    private bool BackUp()
    {
        HashSet<int> missing = Missing();
        IReadOnlyList<long> late = _planner.Late(missing, Step, newcomersToo: true);
        if (late.Count == 0)
            return false;
        (ClusterView present, ClusterView next, int leaves) = _planner.BackUp(late, missing, Step);
        Assert.True(leaves > 0);
        Assert.All(late, worker => Assert.True(_planner.IsOnTrial(worker)));
        Publish(present);
        Publish(next);
        BackedUp++;
        return true;
    }

    private HashSet<int> Missing() => [.. _ledger.Missing().SelectMany(missing => Enumerable.Range(missing.Node.Start, missing.Node.Count))];

    private bool Compute(SimulatedWorker worker, int choice)
    {
        bool computed = false;
        for (int channel = 0; channel < ToyTraining.Channels.Count; channel++)
        {
            if (worker.IsPaused || worker.Held is not { } version || !ToyTraining.Channels.IsPartOf(channel, ToyTraining.WorkOf(version.Step)) || (choice >> channel) % 4 == 3)
                continue;
            foreach (TreeNode node in worker.ToDo(channel))
            {
                // Sometimes only a part of the node is done before something else happens.
                TreeNode part = node.Count > 1 && choice % 5 == 4 ? node.Right : node;
                float value = ToyTraining.Node(version.Model, version.Step, channel, part);
                _contributions.Add((new ContributionKey(Run, 1, version.Step, channel, part.Start, part.Count), value, worker.Incarnation));
                worker.Did(channel, part);
                computed = true;
            }
        }
        return computed;
    }

    private void Arrive((ContributionKey Key, float Value, long Worker) contribution)
    {
        _contributions.Remove(contribution);
        if (IsFinished)
            return;
        (ContributionKey key, float value, long worker) = contribution;
        var sum = new CountedSum(new TreeNode(key.FirstLeaf, key.Leaves), value);
        Verdict verdict = _ledger.Offer(key, BitConverter.SingleToUInt32Bits(value), worker, sum, out _);
        Assert.Contains(verdict, (Verdict[])[Verdict.Accepted, Verdict.AlreadyCovered, Verdict.OlderStep]);
        if (verdict == Verdict.Accepted)
            _accepted.Add(sum);
        if (_ledger.IsDecided)
            Decide();
    }

    private void Decide()
    {
        ulong model = Model;
        for (int channel = 0; channel < ToyTraining.Channels.Count; channel++)
        {
            if (!ToyTraining.Channels.IsPartOf(channel, _ledger.Work))
                continue;
            CountedSum total = _ledger.Total(channel);
            Assert.Equal(SumTree.Root(_shards), total.Node);
            model = ToyTraining.Update(model, channel, total.Value);
        }
        Model = model;
        Step++;
        _ledger.Open(Step, ToyTraining.WorkOf(Step));
        Assert.All(_accepted, sum => Assert.Equal(1, sum.Releases));
        _accepted.Clear();
        foreach (SimulatedWorker worker in _workers)
            worker.IncomingVersions.Enqueue(Present());
    }

    private int OnTrial => _planner.Workers.Count(_planner.IsOnTrial);

    private Version Present() => new(Step, Model, _planner.At(Step)?.Number ?? 0);

    private void Publish(ClusterView? view)
    {
        if (view is null)
            return;
        Assert.True(view.Number > _newestView, $"View {view.Number} came after view {_newestView}.");
        _newestView = view.Number;
        foreach (SimulatedWorker worker in _workers.Where(worker => _planner.Workers.Contains(worker.Incarnation)))
            worker.IncomingViews.Add(view);
    }

    // In every view that holds later each leaf has a worker that was not late, and so has each leaf that the present step waits for.
    private void CheckViews()
    {
        for (long step = Step; step <= Step + ViewPlanner.StepsAhead + 1; step++)
        {
            ClusterView? view = _planner.At(step);
            Assert.Equal(_planner.Workers.Count > 0, view is not null);
            if (view is null)
                continue;
            Assert.All(view.Shares.Where(share => share.Value.Count > 0), share => Assert.Contains(share.Key, _planner.Workers));
            bool[] any = new bool[_shards], inTime = new bool[_shards];
            foreach ((long worker, IReadOnlyList<TreeNode> nodes) in view.Shares)
            {
                foreach (TreeNode node in nodes)
                {
                    any.AsSpan(node.Start, node.Count).Fill(true);
                    if (!_planner.IsOnTrial(worker))
                        inTime.AsSpan(node.Start, node.Count).Fill(true);
                }
            }
            Assert.DoesNotContain(false, any);
            if (inTime.Contains(false))
                Assert.DoesNotContain(step == Step && !IsFinished ? Missing() : Enumerable.Range(0, _shards), leaf => !inTime[leaf]);
        }
    }
}
