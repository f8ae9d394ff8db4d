using CsCheck;
using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Tests.Reduction;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Tests.Steps;

public sealed class StepLedgerTests
{
    private const long Term = 3;
    private static readonly RunId Run = new(0xabcd);
    private static readonly StepChannels Channels = new(GradientBlocks: 2, EvaluationMinibatches: 2);

    /// <param name="Opens">Whether the next step is opened; else a contribution comes.</param>
    private sealed record Event(bool Opens, int Run, int Term, int StepAway, int Channel, int First, int Count, int Checksum, int Work);

    private static readonly Gen<int> MostlyZero = Gen.Frequency((30, Gen.Const(0)), (1, Gen.Int[-2, 2]));

    private static Gen<Event> AnyEvent(int shards) =>
        from opens in Gen.Frequency((12, Gen.Const(false)), (1, Gen.Const(true)))
        from run in MostlyZero
        from term in MostlyZero
        from away in MostlyZero
        from channel in Gen.Frequency((20, Gen.Int[0, Channels.Count - 1]), (1, Gen.Int[-1, Channels.Count]), (1, TreeGenerators.WireNumber))
        from node in Gen.Frequency(
            (12, TreeGenerators.Node(shards)),
            (1, Gen.Select(TreeGenerators.WireNumber, TreeGenerators.WireNumber, (first, count) => new TreeNode(first, count))))
        from checksum in Gen.Frequency((25, Gen.Const(0)), (1, Gen.Const(1)))
        from work in Gen.Int[1, 3]
        select new Event(opens, run, term, away, channel, node.Start, node.Count, checksum, work);

    private static readonly Gen<(int Shards, Event[] Events)> History =
        from shards in Gen.Int[0, 3].Select(power => 1 << power)
        from events in AnyEvent(shards).Array[0, 150]
        select (shards, events);

    [Fact]
    public void The_ledger_and_a_naive_model_agree_about_every_history() => History.Sample(history =>
    {
        var ledger = new StepLedger<CountedSum>(Run, Term, Channels, history.Shards, _ => new CountingArithmetic());
        var model = new LedgerModel(Run, Term, Channels, history.Shards);
        var accepted = new List<CountedSum>();
        int decisions = 0;
        long step = -1;
        foreach (Event happening in history.Events)
        {
            if (happening.Opens)
            {
                step += 1 + Math.Abs(happening.StepAway);
                ledger.Open(step, (StepWork)happening.Work);
                model.Open(step, (StepWork)happening.Work);
                decisions = 0;
                Assert.All(accepted, sum => Assert.Equal(1, sum.Releases));
                accepted.Clear();
                continue;
            }
            var key = new ContributionKey(
                new RunId(Run.Value + (ulong)Math.Abs(happening.Run)), Term + happening.Term, step + happening.StepAway, happening.Channel, happening.First, happening.Count);
            bool before = ledger.IsDecided;
            var sum = new CountedSum(new TreeNode(key.FirstLeaf, key.Leaves), 0);

            Verdict expected = model.Offer(key, (ulong)happening.Checksum);
            Verdict foretold = ledger.Judge(key);
            Verdict verdict = ledger.Offer(key, (ulong)happening.Checksum, worker: 1, sum, out _);

            Assert.Equal(expected, verdict);
            Assert.Equal(verdict, foretold == Verdict.AlreadyCovered && verdict == Verdict.Conflict ? Verdict.Conflict : foretold);
            Assert.Equal(model.IsDecided, ledger.IsDecided);
            Assert.Equal(model.Missing, from gap in ledger.Missing() from leaf in Enumerable.Range(gap.Node.Start, gap.Node.Count) select (gap.Channel, leaf));
            if (verdict == Verdict.Accepted)
                accepted.Add(sum);
            else
                Assert.Equal(0, sum.Releases);
            decisions += !before && ledger.IsDecided ? 1 : 0;
            Assert.True(decisions <= 1, "A step was decided twice.");
        }
        ledger.Open(step + 1, StepWork.Train);
        Assert.All(accepted, sum => Assert.Equal(1, sum.Releases));
    }, iter: 5_000);

    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1 << 30, 1 << 30)]
    [InlineData(-8, 8)]
    [InlineData(2, 4)]
    [InlineData(0, 16)]
    [InlineData(0, 0)]
    [InlineData(0, int.MinValue)]
    public void Leaves_that_are_no_node_are_refused_by_name_and_leave_no_trace(int first, int count)
    {
        StepLedger<CountedSum> ledger = Opened(shards: 8);

        Assert.Equal(Verdict.NoNode, ledger.Offer(Key(0, first, count), 0, 1, new CountedSum(default, 0), out _));

        FillExcept(ledger, channel: -1);
        Assert.True(ledger.IsDecided);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_step_waits_for_each_of_its_channels(int channel)
    {
        StepLedger<CountedSum> ledger = Opened(shards: 8);
        FillExcept(ledger, channel);
        Assert.False(ledger.IsDecided);
        Assert.Equal([(channel, new TreeNode(0, 8))], ledger.Missing());

        ledger.Offer(Key(channel, 0, 8), 0, 1, new CountedSum(new TreeNode(0, 8), 0), out _);

        Assert.True(ledger.IsDecided);
    }

    [Fact]
    public void Two_copies_of_a_node_with_other_bits_are_a_conflict_that_names_the_first_sender()
    {
        StepLedger<CountedSum> ledger = Opened(shards: 8);
        ledger.Offer(Key(0, 0, 4), checksum: 5, worker: 11, new CountedSum(new TreeNode(0, 4), 0), out _);

        Verdict verdict = ledger.Offer(Key(0, 0, 4), checksum: 6, worker: 12, new CountedSum(new TreeNode(0, 4), 0), out long other);

        Assert.Equal((Verdict.Conflict, 11), (verdict, other));
    }

    [Fact]
    public void A_copy_that_became_part_of_a_larger_sum_is_still_compared()
    {
        StepLedger<CountedSum> ledger = Opened(shards: 2);
        ledger.Offer(Key(0, 0, 1), checksum: 5, worker: 11, new CountedSum(new TreeNode(0, 1), 0), out _);
        ledger.Offer(Key(0, 1, 1), checksum: 7, worker: 12, new CountedSum(new TreeNode(1, 1), 0), out _);

        Assert.Equal(Verdict.AlreadyCovered, ledger.Offer(Key(0, 1, 1), 7, 13, new CountedSum(new TreeNode(1, 1), 0), out _));
        Assert.Equal(Verdict.Conflict, ledger.Offer(Key(0, 1, 1), 8, 13, new CountedSum(new TreeNode(1, 1), 0), out long other));
        Assert.Equal(12, other);
    }

    [Fact]
    public void Nothing_is_taken_and_nothing_is_decided_before_a_step_is_open()
    {
        var ledger = new StepLedger<CountedSum>(Run, Term, Channels, 4, _ => new CountingArithmetic());

        foreach (long step in (long[])[-2, -1, 0, 1])
            Assert.NotEqual(Verdict.Accepted, ledger.Offer(Key(0, 0, 4) with { Step = step }, 0, 1, new CountedSum(default, 0), out _));

        Assert.False(ledger.IsDecided);
    }

    [Fact]
    public void Steps_only_go_forward()
    {
        StepLedger<CountedSum> ledger = Opened(shards: 4);

        Assert.Throws<ArgumentOutOfRangeException>(() => ledger.Open(7, StepWork.Train));
        Assert.Throws<ArgumentOutOfRangeException>(() => ledger.Open(6, StepWork.Train));
    }

    [Fact]
    public void A_step_of_nothing_would_be_decided_before_anything_came_so_it_cannot_be_opened()
    {
        StepLedger<CountedSum> ledger = Opened(shards: 4);
        var withoutValidation = new StepLedger<CountedSum>(Run, Term, new StepChannels(2, 0), 4, _ => new CountingArithmetic());

        Assert.Throws<ArgumentException>(() => ledger.Open(8, StepWork.None));
        Assert.Throws<ArgumentException>(() => withoutValidation.Open(8, StepWork.Evaluate));
    }

    [Fact]
    public void Only_a_senders_error_is_a_refusal()
    {
        Verdict[] refusals = [Verdict.OtherRun, Verdict.LowerTerm, Verdict.HigherTerm, Verdict.FutureStep, Verdict.UnknownChannel, Verdict.NoNode];
        Assert.Equal(refusals.Order(), Enum.GetValues<Verdict>().Where(verdict => verdict.IsRefusal()).Order());
    }

    private static StepLedger<CountedSum> Opened(int shards)
    {
        var ledger = new StepLedger<CountedSum>(Run, Term, Channels, shards, _ => new CountingArithmetic());
        ledger.Open(7, StepWork.Train);
        return ledger;
    }

    private static void FillExcept(StepLedger<CountedSum> ledger, int channel)
    {
        for (int each = 0; each <= Channels.TrainingSums; each++)
        {
            if (each != channel)
                ledger.Offer(Key(each, 0, ledger.Shards), 0, 1, new CountedSum(new TreeNode(0, ledger.Shards), 0), out _);
        }
    }

    private static ContributionKey Key(int channel, int first, int count) => new(Run, Term, 7, channel, first, count);
}
