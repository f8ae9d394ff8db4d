using Akka.Actor;
using Akka.Cluster;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Reduction;
using Lockstep.Coordinator.Standbys;
using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Tests.Checkpoints;
using Lockstep.Coordinator.Tests.Model;
using Lockstep.Coordinator.Tests.Parameters;
using Lockstep.Coordinator.Tests.Running;
using Lockstep.Coordinator.Tests.Succession;
using Lockstep.Engine.Trees;
using Lockstep.Jobs;
using Lockstep.Protocol;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Membership;

namespace Lockstep.Coordinator.Tests.Rules;

/// <summary>For each safety rule what breaks without it.</summary>
internal static class SafetyCases
{
    // One worker after another, or an old coordinator beside a new one, in as few states as may be.
    private static readonly ModelScenario Alone = new() { IsUnderWay = true, Workers = 1, Steps = 3 };
    private static readonly ModelScenario Foreign = Alone with { Steps = 2, Strays = 1 };
    private static readonly ModelScenario Zombie = Alone with { Steps = 1, TakeOvers = 1, Disconnects = 2 };

    // A coordinator's, a standby's, and two workers'.
    private static readonly UniqueAddress[] Nodes = [.. Enumerable.Range(0, 4).Select(number => new UniqueAddress(new Address("akka.tcp", "lockstep", "10.0.0.1", 9000 + number), 100 + number))];

    public static SafetyCase Of(SafetyRule rule) => rule switch
    {
        SafetyRule.RefuseOtherRun => SafetyCase.Exhaustive("a contribution of another run entered", Foreign),
        SafetyRule.RefuseLowerTerm => SafetyCase.Exhaustive("a contribution of term 0 entered a step of term 1", Foreign),
        SafetyRule.StopAtHigherTerm => SafetyCase.Exhaustive("a contribution of term 2 entered a step of term 1", Foreign),
        SafetyRule.RefuseFutureStep => SafetyCase.Exhaustive("a contribution of step 7 entered step", Foreign),
        SafetyRule.IgnoreOlderStep => SafetyCase.Exhaustive("a contribution of step 0 entered step 1", Alone with { Duplicates = 1 }),
        SafetyRule.IgnoreCovered => SafetyCase.Exhaustive("closed without the whole of channel", new() { IsUnderWay = true, GradientBlocks = 1, Steps = 1, Duplicates = 1 }),
        SafetyRule.RefuseForeignNode => SafetyCase.Exhaustive("leaves that are no node of the tree entered", Foreign with { Shards = 4 }),
        SafetyRule.RefuseForeignChannel => SafetyCase.Exhaustive("a contribution to channel 1 entered a step without it", Foreign with { EvaluationMinibatches = 1 }),
        SafetyRule.StopAtConflict => SafetyCase.Exhaustive("two copies of a node differed, and step 0 went on", new() { IsUnderWay = true, WrongBits = 1 }),
        SafetyRule.NeedEveryChannel => SafetyCase.Exhaustive("closed without the whole of channel", Alone with { GradientBlocks = 1 }),
        SafetyRule.NeedEveryLeaf => SafetyCase.Exhaustive("closed with the leaves", new()),
        SafetyRule.AddSiblingsOnly => new("never becomes whole", SumsAreAddedAsTheTreeSays),
        SafetyRule.AddLeftBeforeRight => SafetyCase.Exhaustive("closed with the leaves 1,0", new()),
        SafetyRule.ReplaceSmallerNodes => SafetyCase.Exhaustive("the run never ends", Alone with { Halves = true, Disconnects = 1 }),
        SafetyRule.OpenForwardOnly => new("closed twice", StepsAreOpenedOnce),
        SafetyRule.GiveAwayAtOnce => SafetyCase.Exhaustive("which is gone", new() { IsUnderWay = true, Steps = 1, Crashes = 1 }),
        SafetyRule.RaiseViewNumbers => SafetyCase.Histories("the run never ends", new() { Workers = 3, Crashes = 3, Restarts = true }, 600),
        SafetyRule.FollowNewestView => SafetyCase.Exhaustive("the run never ends", new() { Steps = 1, Crashes = 1 }),
        SafetyRule.AwaitNamedView => SafetyCase.Exhaustive("but its version names view", new() { IsUnderWay = true, Crashes = 1 }),
        SafetyRule.LeadAboveAllKnown => SafetyCase.Exhaustive("which its directory knew already", Alone with { CoordinatorCrashes = 1 }),
        SafetyRule.StandDownForHigherTerm => SafetyCase.Exhaustive("went on leading at term 1 after it had heard of term 2", Zombie),
        SafetyRule.RecordTermFirst => SafetyCase.Exhaustive("the run never ends", Alone with { CoordinatorCrashes = 1 }),
        SafetyRule.FixTermAtStart => SafetyCase.Exhaustive("the term of a training coordinator rose from 1 to 3", Zombie),
        SafetyRule.NeverGoBack => new("went back from term 2 to term 1", WorkersFollowTheHighestTerm),
        SafetyRule.OneLeaderATerm => new("followed two coordinators at term 1", WorkersFollowTheHighestTerm),
        SafetyRule.TakeOwnTermOnly => SafetyCase.Histories("the run never ends", new() { TakeOvers = 1, Disconnects = 3, LateViews = 3 }, 600),
        SafetyRule.PinVersions => new("was overwritten while it was read", VersionsThatAreReadStay),
        SafetyRule.UpdateFiniteOnly => SafetyCase.Test<ParameterServerTests>("StepDecided", tests => tests.A_gradient_that_is_not_finite_stops_the_run_and_names_the_parameter("sgd: { learningRate: 0.1, momentum: 0.9 }")),
        SafetyRule.FollowWhoLeads => new("does not follow", SuccessionWorld.CheckAll),
        SafetyRule.LeadOnlyWhenReady => new("leads without the data", SuccessionWorld.CheckAll),
        SafetyRule.WaitForPredecessors => new("leads beside", SuccessionWorld.CheckAll),
        SafetyRule.TrustNoSilence => new("leads beside", SuccessionWorld.CheckAll),
        SafetyRule.StandDownWhenCutOff => new("both sides go on", OneSideStandsDown),
        SafetyRule.WorkersJudgeNobody => new("a worker gives up the coordinator", NodesAreGivenUpByOneSide),
        SafetyRule.LeaveJudgingToOldest => new("gives up a worker that the coordinator judges", NodesAreGivenUpByOneSide),
        SafetyRule.GiveUpOldestAlone => new("gives up the coordinator, which has others beside it", NodesAreGivenUpByOneSide),
        SafetyRule.ForgetOwnPause => new("was given up by one that had stood still", NobodyJudgesByItsOwnPause),
        SafetyRule.VerifyHashes => SafetyCase.Test<CheckpointTests>("Assert.Equal() Failure", tests => tests.A_damaged_file_is_named_and_the_checkpoint_before_is_used(CheckpointFiles.Model)),
        SafetyRule.ResumeSameOnly => new("was resumed with another job", RunsAreResumedAsTheyWere),
        SafetyRule.CutLogBack => SafetyCase.Test<MetricsFileTests>("Assert.Equal() Failure", tests => tests.A_resumed_run_cuts_back_to_its_checkpoint_so_that_every_step_stands_once()),
        SafetyRule.RequireSameLoss => SafetyCase.Test<MetricsFileTests>("step 5 was replayed", tests => tests.A_replayed_step_with_another_loss_is_a_contradiction()),
        SafetyRule.TakeOwnReplicasOnly => SafetyCase.Test<ReplicaAssemblyTests>("No exception was thrown", tests => tests.A_checkpoint_of_another_run_job_or_step_is_refused()),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "Nothing shows that this rule is needed."),
    };

    private static void NodesAreGivenUpByOneSide()
    {
        Assert.True(DowningRule.Decide(Nodes[3], keepsItself: false, Sights(silent: 0)).Count == 0, "a worker gives up the coordinator");
        Assert.True(DowningRule.Decide(Nodes[1], keepsItself: false, Sights(silent: 2)).Count == 0, "a standby gives up a worker that the coordinator judges");
        Assert.True(DowningRule.Decide(Nodes[1], keepsItself: false, Sights(silent: [0, 3])) is [var own] && own.Equals(Nodes[1]), "a standby gives up the coordinator, which has others beside it");
    }

    private static void NobodyJudgesByItsOwnPause()
    {
        var downing = new Downing(Nodes[0], keepsItself: true);
        downing.Look(TimeSpan.Zero, Sights(silent: 1));
        Assert.True(downing.Look(TimeSpan.FromMinutes(1), Sights(silent: 1)).Count == 0, "a worker was given up by one that had stood still");
    }

    private static NodeSight[] Sights(params int[] silent) => [.. Nodes.Select((node, number) => new NodeSight(node, MayLead: number < 2, Counts: true, silent.Contains(number)))];

    private static void StepsAreOpenedOnce()
    {
        var ledger = new StepLedger<TracedSum>(new RunId(1), 1, new StepChannels(0, 0), 1, _ => new TracingArithmetic());
        int closed = 0;
        for (int time = 0; time < 2; time++)
        {
            try
            {
                ledger.Open(0, StepWork.Train);
            }
            catch (ArgumentOutOfRangeException)
            {
                continue;
            }
            ledger.Offer(new(ledger.Run, 1, 0, 0, 0, 1), 0, 1, new TracedSum(1, []), out _);
            closed += ledger.IsDecided ? 1 : 0;
        }
        Assert.True(closed == 1, $"step 0 closed {(closed == 2 ? "twice" : "never")}");
    }

    private static void SumsAreAddedAsTheTreeSays()
    {
        var tree = new PartialTree<TracedSum>(4, new TracingArithmetic());
        foreach (int leaf in (int[])[0, 2, 1, 3])
            tree.Offer(new TreeNode(leaf, 1), new TracedSum(leaf, [(leaf, default)]));
        Assert.True(tree.IsComplete, "a sum never becomes whole, since two leaves that are no siblings passed for a node");
    }

    // Whoever welcomes a worker, one after another.
    private static void WorkersFollowTheHighestTerm()
    {
        Guid[] identities = [new(1, 0, 0, new byte[8]), new(2, 0, 0, new byte[8])];
        CoordinatorTerm[] all = [.. from term in (long[])[1, 2] from identity in identities select new CoordinatorTerm(term, identity)];
        foreach (CoordinatorTerm first in all)
        {
            foreach (CoordinatorTerm second in all.Where(first.MayGiveWayTo))
            {
                Assert.True(second.Term >= first.Term, $"a worker went back from term {first.Term} to term {second.Term}");
                Assert.True(second.Term > first.Term || second.CoordinatorId == first.CoordinatorId, $"a worker followed two coordinators at term {first.Term}");
            }
        }
    }

    private static void VersionsThatAreReadStay()
    {
        using var pool = new VersionPool(length: 4, blocks: 1);
        ParameterVersion read = pool.Rent(1);
        ParameterVersion next = pool.Rent(2);
        Assert.True(read.Version == 1 && read != next, "version 1 was overwritten while it was read");
    }

    // The others go on where a worker and a standby that may live were lost together: then the coordinator must not.
    private static void OneSideStandsDown() =>
        Assert.True(CutOffRule.MustStandDown(CutOffRule.Patience, lostTogether: true, standbyMayLive: true), "both sides go on");

    private static void RunsAreResumedAsTheyWere()
    {
        using var lone = new LonePlan();
        using var other = new LonePlan("", "everySteps: 3");
        string folder = Directory.CreateTempSubdirectory("lockstep-resume").FullName;
        try
        {
            var identity = new CheckpointIdentity("job", "a", () => 1, JobText.Bytes(lone.Plan.Job), JobText.Hash(lone.Plan.Job), lone.Plan.Data.Fingerprint, ProtocolVersion.NumericContract, [], 4);
            StartingPoint start = lone.Start();
            using var pool = new VersionPool(lone.Layout.Length, lone.Layout.Blocks.Count);
            ParameterVersion version = pool.Rent(0);
            using (var snapshot = new TrainingSnapshot(version, lone.Plan.Rule.StateNames, start.OptimizerState, () => { }))
                new CheckpointWriter(folder, lone.Layout, identity, keep: 1).Write(snapshot);
            Checkpoint checkpoint = Checkpoint.Open(folder, text => Assert.Fail(text));
            Starting.RequireSame(checkpoint, lone.Plan.Job, lone.Plan);
            Assert.True(Refuses(() => Starting.RequireSame(checkpoint, other.Plan.Job, other.Plan)), "a run was resumed with another job");
            start.Parameters.Dispose();
            foreach (Engine.Memory.FloatBuffer state in start.OptimizerState)
                state.Dispose();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Refuses(Action resume)
    {
        try
        {
            resume();
            return false;
        }
        catch (CheckpointException)
        {
            return true;
        }
    }
}
