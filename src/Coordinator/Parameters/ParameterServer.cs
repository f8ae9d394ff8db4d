using Lockstep.Coordinator.Reduction;
using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// Adds the workers' contributions into the sum tree, makes the update when the tree is full, and sends the new version
/// out. One thing is done at a time, in the order in which it was posted, on a thread of its own and the arithmetic beside it, on the threads of the blocks. Contributions to a model
/// that is not large are dealt with by the connections' readers that bring them: its step is short beside waking so many threads.
/// </summary>
public sealed unsafe class ParameterServer : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly ParameterLayout _layout;
    private readonly Action<ServerEvent> _raise;
    private readonly SerialWork<WorkItem> _work;
    private readonly NodeSumPool _sums;
    private readonly VersionPool _versions;
    private readonly RunId _run;
    private StepLedger<NodeSum> _ledger = null!;
    private readonly UpdateStage _update;
    private readonly bool _readersDoTheRest;
    private readonly Dictionary<long, WorkerFeed> _feeds = [];
    private readonly ViewHistory _views = new();
    private readonly HashSet<SharedGradient> _lentGradients = [];
    private ParameterVersion _current;
    private bool _stopRequested;
    private bool _ended;
    private readonly long[] _verdicts = new long[Enum.GetValues<Verdict>().Length];

    /// <param name="run">The run.</param>
    /// <param name="plan">What is trained, and when what is due.</param>
    /// <param name="start">The parameters that the run starts or goes on from.</param>
    /// <param name="raise">Takes events, on whichever thread made them; must not block.</param>
    /// <param name="shared">The folder of memory that is shared with workers of this machine; null where none is.</param>
    public ParameterServer(RunId run, TrainingPlan plan, StartingPoint start, Action<ServerEvent> raise, SharedFolder? shared = null)
    {
        _run = run;
        _plan = plan;
        _layout = plan.Network.Layout;
        _raise = raise;
        _sums = new NodeSumPool(Math.Max(ParameterLayout.MaximumBlockLength, plan.Sums.Length * (sizeof(double) / sizeof(float))));
        Shared = shared;
        _versions = new VersionPool(_layout.Length, _layout.Blocks.Count, shared);
        Channels = new StepChannels(_layout.Blocks.Count, plan.EvaluationMinibatches);
        _update = new UpdateStage(plan, new OptimizerState(plan.Rule.StateNames, start.OptimizerState, plan.SkipsNonFinite), _versions, _sums);
        _readersDoTheRest = _update.Threads.AreCallers || UpdateThreads.ReadersDoTheRest(_layout.Blocks.Count);
        _current = _versions.Rent(start.Step);
        start.CopyParametersTo(_current.Pointer);
        _work = new SerialWork<WorkItem>("parameter server", Execute, fault => _raise(new ServerFailed(_ledger.Step, fault)));
    }

    /// <summary>The sums that a step consists of.</summary>
    public StepChannels Channels { get; }

    /// <summary>The folder of memory that is shared with workers of this machine, or null.</summary>
    public SharedFolder? Shared { get; }

    /// <summary>The parameters' layout.</summary>
    public ParameterLayout Layout => _layout;

    /// <summary>Memory for contributions to land in; readers of connections take from it.</summary>
    public NodeSumPool NodeSums => _sums;

    /// <summary>How many contributions had a verdict so far.</summary>
    public long CountOf(Verdict verdict) => Interlocked.Read(ref _verdicts[(int)verdict]);

    /// <summary>Opens the first step. From here on the term is fixed; whatever is of another is refused.</summary>
    public void Start(long term)
    {
        var sums = new SumsArithmetic(_sums);
        _ledger = new StepLedger<NodeSum>(
            _run, term, Channels, _plan.Shards, channel => Channels.IsGradient(channel) ? new GradientArithmetic(_update.Threads, _sums, channel) : sums);
        _work.Start();
        Post(() => OpenStep(_current.Version));
    }

    /// <summary>Bytes that a contribution to a channel has; −1 where there is no such channel. Safe on any thread.</summary>
    public int BytesOf(int channel) => channel < 0 || channel >= Channels.Count ? -1
        : Channels.IsGradient(channel) ? _layout.Blocks[channel].Length * sizeof(float)
        : _plan.Sums.Length * sizeof(double);

    /// <summary>A contribution has landed, whole and verified. The caller may find himself doing what follows from it, down to the update.</summary>
    public void Post(in Contribution contribution)
    {
        if (!_work.Post(new WorkItem(Contribution: contribution), here: _readersDoTheRest))
            _sums.Return(contribution.Sum);
    }

    /// <summary>Contributions lie in a worker's memory. The caller may find himself doing what follows from them, down to the update.</summary>
    public void Post(in ContributionRun contributions)
    {
        contributions.Gradient.Retain();
        if (!_work.Post(new WorkItem(InPlace: contributions), here: _readersDoTheRest))
            contributions.Gradient.Release();
    }

    /// <summary>A worker is ready to receive parameters.</summary>
    public void Attach(long worker, IWorkerLink link) => Post(() =>
    {
        WorkerFeed feed = _feeds[worker] = new WorkerFeed(worker, link, _layout.Blocks);
        Feed(feed);
    });

    /// <summary>A worker is gone.</summary>
    public void Detach(long worker) => Post(() =>
    {
        if (_feeds.Remove(worker, out WorkerFeed? feed))
            feed.Detach();
    });

    /// <summary>A worker has let a version go and has room for one more.</summary>
    /// <param name="worker">The worker's incarnation.</param>
    /// <param name="version">The version.</param>
    public void Released(long worker, long version) => Post(() =>
    {
        if (!_feeds.TryGetValue(worker, out WorkerFeed? feed))
            return;
        if (feed.Released(version))
            Feed(feed);
        else
            _raise(new ReleaseRefused(_ledger.Step, worker));
    });

    /// <summary>A view was published; versions name it from now on.</summary>
    public void Use(ClusterView view) => Post(() => _views.Add(view, _ledger.Step));

    /// <summary>Nobody has a share any more; the next view begins anew.</summary>
    public void ForgetViews() => Post(_views.Clear);

    /// <summary>Asks which leaves a step still waits for: answered by <see cref="LeavesMissing"/>, unless it is decided by then.</summary>
    public void AskForMissing(long step) => Post(() =>
    {
        if (!_ended && _ledger.Step == step)
            _raise(new LeavesMissing(step, _ledger.Missing().SelectMany(missing => ShardPlan.Leaves(missing.Node)).ToHashSet()));
    });

    /// <summary>Asks the server to stop once the present step is decided, or at once where nobody computes it.</summary>
    /// <param name="abandonStep">Whether the present step is given up: nobody is there to finish it.</param>
    public void RequestStop(bool abandonStep) => Post(() =>
    {
        _stopRequested = true;
        if (abandonStep && !_ended)
            End();
    });

    /// <summary>Ends the thread and frees all memory. Snapshots must have been disposed of.</summary>
    public void Dispose()
    {
        _work.Dispose();
        _update.Dispose();
        LetGradientsGo();
        _versions.Dispose();
        _sums.Dispose();
    }

    // On the server's own thread: what is posted so comes from actors, which must not be kept.
    private void Post(Action change) => _work.Post(new WorkItem(Change: change), here: false);

    private void Execute(WorkItem item)
    {
        ComputeThread.RequireDenormals();
        if (item.Contribution is { } contribution)
        {
            ReturnCredit(contribution.Worker);
            Take(contribution);
        }
        else if (item.InPlace is { } contributions)
        {
            ReturnCredit(contributions.Worker);
            Take(contributions);
        }
        else
        {
            item.Change!();
        }
    }

    // The last blocks first, as the backward pass makes them. The blocks' threads are woken once there is something to do for a while, not for each block.
    private void Take(in ContributionRun contributions)
    {
        Keep(contributions.Gradient);
        _update.Threads.Hold();
        for (int i = contributions.Count - 1; i >= 0; i--)
        {
            ContributionKey key = contributions.First with { Channel = contributions.First.Channel + i };
            NodeSum sum = _sums.InPlace(contributions.Gradient, _layout.Blocks[key.Channel].Offset, BytesOf(key.Channel));
            Take(new Contribution(contributions.Worker, key, BitsChecksum.WhenAsked(sum.Floats, sum.Bytes), sum));
        }
        _update.Threads.LetGo();
        contributions.Gradient.Release();
    }

    // A frame has one, however many contributions it brought.
    private void ReturnCredit(long worker)
    {
        if (_feeds.TryGetValue(worker, out WorkerFeed? feed))
            feed.Link.ReturnCredit();
    }

    private void Take(in Contribution contribution)
    {
        long other = 0;
        Verdict verdict = _ended
            ? Verdict.OlderStep
            : _ledger.Offer(contribution.Key, contribution.Checksum, contribution.Worker, contribution.Sum, out other);
        if (verdict != Verdict.Accepted)
            _sums.Return(contribution.Sum);
        Count(verdict);

        switch (verdict)
        {
            case Verdict.Accepted:
                Follow(contribution.Key.Channel);
                break;
            case Verdict.Conflict:
                _ended = true;
                ContributionKey key = contribution.Key;
                _raise(new CopiesDiffer(key.Step, key.Channel, key.FirstLeaf, key.Leaves, contribution.Worker, other));
                break;
            case Verdict.LowerTerm:
                if (_feeds.TryGetValue(contribution.Worker, out WorkerFeed? feed))
                    feed.Link.RefuseTerm(new VersionKey(_ledger.Run, _ledger.Term, _ledger.Step));
                break;
            case Verdict.HigherTerm:
                _ended = true;
                _raise(new HigherTermSeen(_ledger.Step, contribution.Key.Term, contribution.Worker));
                break;
            case var refusal when refusal.IsRefusal():
                _raise(new ContributionRefused(_ledger.Step, contribution.Worker, refusal));
                break;
        }
    }

    // Until the step is over, for a second copy to be compared with, even if the worker is gone by then.
    private void Keep(SharedGradient gradient)
    {
        if (_lentGradients.Add(gradient))
            gradient.Retain();
    }

    private void LetGradientsGo()
    {
        foreach (SharedGradient gradient in _lentGradients)
            gradient.Release();
        _lentGradients.Clear();
    }

    // What follows from a contribution that was accepted.
    private void Follow(int channel)
    {
        if (_ledger.IsWhole(channel) && channel <= Channels.TrainingSums)
        {
            if (Channels.IsGradient(channel))
                _update.Complete(channel, _ledger.TakeTotal(channel));
            else
                _update.Know(_ledger.Total(channel).Sums.ToArray());
        }
        if (_ledger.IsDecided)
            CloseStep();
    }

    private void OpenStep(long step)
    {
        StepWork work = (_plan.TrainsAt(step) ? StepWork.Train : StepWork.None) | (_plan.EvaluatesAt(step) ? StepWork.Evaluate : StepWork.None);
        if (work == StepWork.None)
        {
            End();
            return;
        }
        _ledger.Open(step, work);
        LetGradientsGo();
        foreach (WorkerFeed feed in _feeds.Values)
            Feed(feed);
        if (work.HasFlag(StepWork.Train))
            _update.Begin(step, _current, hashesBlocks: _feeds.Values.Count(feed => feed.IsSentBlocks) > 1);
    }

    private void CloseStep()
    {
        long step = _ledger.Step;
        StepWork work = _ledger.Work;
        double[]? evaluation = work.HasFlag(StepWork.Evaluate) ? EvaluationSums() : null;
        if (!work.HasFlag(StepWork.Train))
        {
            _raise(new StepDecided(step, work, null, 0, evaluation, 0, 0, false, null, false));
            End();
            return;
        }

        double[] sums = _ledger.Total(Channels.TrainingSums).Sums.ToArray();
        UpdateOutcome outcome = _update.Finish();
        if (!outcome.IsFinite && !_plan.SkipsNonFinite && Safety.Holds(SafetyRule.UpdateFiniteOnly))
        {
            _ended = true;
            outcome.Next.Unpin();
            _current.Pin();
            _raise(new NotFinite(step, outcome.Parameter!, outcome.InUpdate, _current));
            return;
        }

        _current.Unpin();
        _current = outcome.Next;
        bool checkpoint = _plan.ChecksPointAt(step + 1) && !_stopRequested && step + 1 < _plan.TotalSteps;
        TrainingSnapshot? snapshot = checkpoint ? _update.TrySnapshot(_current) : null;
        _raise(new StepDecided(step, work, sums, outcome.PenaltyLoss, evaluation, outcome.Norm, outcome.Rate, !outcome.IsFinite, snapshot, checkpoint && snapshot is null, outcome.Diagnostics));
        if (_stopRequested)
            End();
        else
            OpenStep(step + 1);
    }

    private double[] EvaluationSums()
    {
        double[] total = new double[_plan.Sums.Length];
        for (int minibatch = 0; minibatch < _plan.EvaluationMinibatches; minibatch++)
        {
            Span<double> sums = _ledger.Total(Channels.EvaluationSums(minibatch)).Sums;
            for (int i = 0; i < total.Length; i++)
                total[i] += sums[i];
        }
        return total;
    }

    private void End()
    {
        _ended = true;
        _update.Abandon();
        _raise(new ServerStopped(_current.Version, _update.Snapshot(_current)));
    }

    private void Feed(WorkerFeed feed)
    {
        if (!_ended)
            feed.Offer(_current, _ledger.Run, _ledger.Term, _views.At(_current.Version)?.Number ?? 0);
    }

    private void Count(Verdict verdict) => Interlocked.Increment(ref _verdicts[(int)verdict]);

    /// <summary>One thing that is posted.</summary>
    private readonly record struct WorkItem(Contribution? Contribution = null, ContributionRun? InPlace = null, Action? Change = null);
}
