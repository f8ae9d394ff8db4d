using CsCheck;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Steps;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Tests.Parameters;

public sealed unsafe class ParameterServerTests : IDisposable
{
    private readonly LonePlan _lone = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("shared").FullName;

    public void Dispose()
    {
        _lone.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Contributions_in_any_order_any_cut_and_any_number_give_the_bits_of_the_plain_loop()
    {
        float[] expected = _lone.Train();
        Gen.Int[0, int.MaxValue].Sample(seed => Assert.Equal(expected, TrainDisturbed(_lone, new Random(seed))), iter: 12, threads: 1);
    }

    // What is updated at once and what only once the norm is known, with a copy of the state and without one; ten blocks have several threads where there are several cores.
    [Theory]
    [InlineData("sgd: { learningRate: 0.1 }", "")]
    [InlineData("sgd: { learningRate: 0.1, momentum: 0.9 }", ", onNonFinite: skip")]
    [InlineData("sgd: { learningRate: 0.1 }", ", clip: { value: 0.01 }")]
    [InlineData("sgd: { learningRate: 0.1 }", ", clip: { globalNorm: 0.5 }")]
    public void Blocks_updated_on_their_own_threads_have_the_bits_of_the_plain_loop(string optimizer, string training)
    {
        using var lone = new LonePlan(training, model: "flatten, dense: { units: 1000 }, relu, dense: { units: 550 }, relu, dense: { units: 10 }", optimizer: optimizer);
        Assert.True(lone.Layout.Blocks.Count > 8);
        Assert.Equal(lone.Train(), TrainDisturbed(lone, new Random(5)));
    }

    [Fact]
    public void A_copy_with_other_bits_stops_the_run_and_names_both_workers()
    {
        using var bench = new ServerBench(_lone);
        (ServerBench.Link link, float[] parameters) = Begin(bench);
        (int Channel, TreeNode Node, byte[] Bits) part = Compute(0, parameters, new TreeNode(0, 4))[0];
        bench.Post(1, 0, part);
        bench.Post(2, 0, part);
        byte[] broken = [.. part.Bits];
        broken[5] ^= 1;
        bench.Post(9, 0, part with { Bits = broken });
        CopiesDiffer differ = bench.Expect<CopiesDiffer>();
        Assert.Equal((9, 1, 0, 4), (differ.Worker, differ.OtherWorker, differ.FirstLeaf, differ.Leaves));
        Assert.Equal(1, bench.Server.CountOf(Verdict.AlreadyCovered));
        Assert.Equal(0, link.Sent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_with_other_bits_is_found_where_the_first_lies_in_memory_of_a_worker_that_is_gone(bool bothInPlace)
    {
        using var bench = new ServerBench(_lone);
        (_, float[] parameters) = Begin(bench);
        (int Channel, TreeNode Node, byte[] Bits) part = Compute(0, parameters, new TreeNode(0, 4))[0];
        (int Channel, TreeNode Node, byte[] Bits) sibling = Compute(0, parameters, new TreeNode(4, 4))[0];
        bench.PostInPlace(1, 0, _folder, part);
        bench.Post(2, 0, sibling);
        bench.Post(3, 0, part);
        bench.PostInPlace(3, 0, _folder, part);
        byte[] broken = [.. part.Bits];
        broken[5] ^= 1;
        if (bothInPlace)
            bench.PostInPlace(9, 0, _folder, part with { Bits = broken });
        else
            bench.Post(9, 0, part with { Bits = broken });
        CopiesDiffer differ = bench.Expect<CopiesDiffer>();
        Assert.Equal((9, 1, 0, 4), (differ.Worker, differ.OtherWorker, differ.FirstLeaf, differ.Leaves));
        Assert.Equal(2, bench.Server.CountOf(Verdict.AlreadyCovered));
        bench.ExpectUntouched();
    }

    [Theory]
    [InlineData(78, ServerBench.Term, 0, 0, Verdict.OtherRun)]
    [InlineData(77, ServerBench.Term, 5, 0, Verdict.FutureStep)]
    [InlineData(77, ServerBench.Term, 0, 3, Verdict.NoNode)]
    public void What_no_healthy_worker_sends_is_refused_by_name(ulong run, long term, long step, int firstLeaf, Verdict verdict)
    {
        using var bench = new ServerBench(_lone);
        (_, float[] parameters) = Begin(bench);
        (int Channel, TreeNode Node, byte[] Bits) part = Compute(0, parameters, new TreeNode(0, 2))[0];
        bench.Post(4, new ContributionKey(new RunId(run), term, step, part.Channel, firstLeaf, 2), part.Bits);
        Assert.Equal((4L, verdict), (bench.Expect<ContributionRefused>() is var refused ? refused.Worker : 0, refused.Verdict));
    }

    [Fact]
    public void A_contribution_of_a_higher_term_ends_this_coordinators_lead()
    {
        using var bench = new ServerBench(_lone);
        (_, float[] parameters) = Begin(bench);
        (int Channel, TreeNode Node, byte[] Bits) part = Compute(0, parameters, new TreeNode(0, 2))[0];
        bench.Post(4, new ContributionKey(ServerBench.Run, ServerBench.Term + 1, 0, part.Channel, 0, 2), part.Bits);
        Assert.Equal(ServerBench.Term + 1, bench.Expect<HigherTermSeen>().Term);
    }

    [Fact]
    public void A_worker_that_lets_nothing_go_is_sent_two_versions_and_then_the_newest()
    {
        using var bench = new ServerBench(_lone);
        (ServerBench.Link link, float[] parameters) = Begin(bench);
        var slow = new ServerBench.Link(_lone.Layout);
        bench.Server.Attach(2, slow);
        Assert.Equal(0, slow.Next().Version);
        for (long step = 0; step < 3; step++)
        {
            PostAll(bench, 1, step, parameters);
            Assert.Equal(step, bench.Expect<StepDecided>().Step);
            bench.Server.Released(1, step);
            parameters = link.Next().Parameters;
        }
        Assert.Equal(1, slow.Next().Version);
        bench.Server.Released(2, 0);
        Assert.Equal(3, slow.Next().Version);
        Assert.Equal(0, slow.Sent);
    }

    // Of the norm over all blocks, and at once; changed after all blocks were done by a max-norm, and by a step that is skipped.
    [Theory]
    [InlineData(", clip: { globalNorm: 0.5 }", 2, true)]
    [InlineData("", 2, true)]
    [InlineData("", 1, false)]
    [InlineData(", regularization: { maxNorm: 0.1 }", 2, false)]
    [InlineData(", onNonFinite: skip", 2, false)]
    public void Blocks_that_go_to_several_workers_are_hashed_once_for_all(string training, int workers, bool isHashed)
    {
        using var lone = new LonePlan(training);
        using var bench = new ServerBench(lone);
        (ServerBench.Link link, float[] parameters) = Begin(bench, lone);
        ServerBench.Link[] others = [.. Enumerable.Range(2, workers - 1).Select(_ => new ServerBench.Link(lone.Layout))];
        for (int i = 0; i < others.Length; i++)
        {
            bench.Server.Attach(2 + i, others[i]);
            others[i].Next();
        }
        for (long step = 0; step < 2; step++)
        {
            PostAll(bench, 1, step, Compute(lone, step, parameters, SumTree.Root(8)), poison: step == 1 && lone.Plan.SkipsNonFinite);
            bench.Expect<StepDecided>();
            parameters = link.Next().Parameters;
            Assert.All(others, other => Assert.Equal(parameters, other.Next().Parameters));
            for (int worker = 1; worker <= workers; worker++)
                bench.Server.Released(worker, step);
        }
        Assert.All([link, .. others], each => Assert.Equal(isHashed ? lone.Layout.Blocks.Count : 0, each.Hashed));
    }

    [Fact]
    public void A_stop_in_the_middle_gives_the_state_after_the_present_step()
    {
        using var bench = new ServerBench(_lone);
        (_, float[] parameters) = Begin(bench);
        bench.Server.RequestStop(abandonStep: false);
        PostAll(bench, 1, 0, parameters);
        Assert.Equal(0, bench.Expect<StepDecided>().Step);
        ServerStopped stopped = bench.Expect<ServerStopped>();
        Assert.Equal((1L, 1L), (stopped.Step, stopped.Snapshot.Step));
        stopped.Snapshot.Dispose();
    }

    [Fact]
    public void A_stop_with_nobody_to_finish_the_step_gives_the_state_before_it()
    {
        using var bench = new ServerBench(_lone);
        Begin(bench);
        bench.Server.RequestStop(abandonStep: true);
        ServerStopped stopped = bench.Expect<ServerStopped>();
        Assert.Equal(0, stopped.Step);
        stopped.Snapshot.Dispose();
    }

    [Fact]
    public void A_step_given_up_after_its_update_was_made_leaves_the_state_before_it()
    {
        using var lone = new LonePlan(", onNonFinite: skip", evaluation: "everySteps: 1");
        using var bench = new ServerBench(lone);
        (ServerBench.Link link, float[] first) = Begin(bench, lone);
        PostAll(bench, 1, 0, Compute(lone, 0, first, SumTree.Root(8)));
        Assert.Equal(0, bench.Expect<StepDecided>().Step);
        float[] second = link.Next().Parameters;
        // All that the update needs, but the step also evaluates.
        foreach ((int Channel, TreeNode Node, byte[] Bits) part in Compute(lone, 1, second, SumTree.Root(8)).Where(part => part.Channel <= bench.Server.Channels.TrainingSums))
            bench.Post(1, 1, part);
        bench.Server.RequestStop(abandonStep: true);
        using TrainingSnapshot snapshot = bench.Expect<ServerStopped>().Snapshot;
        Assert.Equal(1, snapshot.Step);
        Assert.Equal(second, new ReadOnlySpan<float>(snapshot.Parameters, second.Length).ToArray());
        // Of the first step the momentum is its gradient, which moved the parameters by a tenth.
        Assert.All(Enumerable.Range(0, second.Length), i => Assert.Equal(first[i] - second[i], 0.1f * snapshot.State[0].Span[i], 1e-6f));
    }

    [Theory]
    [InlineData("sgd: { learningRate: 0.1, momentum: 0.9 }")]
    // Updated as soon as a block is whole: its gradient is kept nowhere.
    [InlineData("sgd: { learningRate: 0.1 }")]
    public void A_gradient_that_is_not_finite_stops_the_run_and_names_the_parameter(string optimizer)
    {
        using var lone = new LonePlan(optimizer: optimizer);
        using var bench = new ServerBench(lone);
        (_, float[] parameters) = Begin(bench, lone);
        PostAll(bench, 1, 0, Compute(lone, 0, parameters, SumTree.Root(8).Left), poison: true);
        PostAll(bench, 2, 0, Compute(lone, 0, parameters, SumTree.Root(8).Right));
        NotFinite found = bench.Expect<NotFinite>();
        Assert.Equal((0L, "1.weight", false), (found.Step, found.Parameter, found.InUpdate));
        found.Start.Unpin();
    }

    [Fact]
    public void A_skipped_step_leaves_parameters_and_momentum_and_moves_on()
    {
        using var lone = new LonePlan(", onNonFinite: skip");
        using var bench = new ServerBench(lone);
        var link = new ServerBench.Link(lone.Layout);
        bench.Server.Start(ServerBench.Term);
        bench.Server.Attach(1, link);
        float[] first = link.Next().Parameters;
        fixed (float* pointer = first)
        {
            PostAll(bench, 1, 0, lone.Compute(0, pointer, SumTree.Root(8)), poison: true);
            Assert.True(bench.Expect<StepDecided>().Skipped);
            bench.Server.Released(1, 0);
            Assert.Equal(first, link.Next().Parameters);
            PostAll(bench, 1, 1, lone.Compute(1, pointer, SumTree.Root(8)));
        }
        StepDecided next = bench.Expect<StepDecided>();
        Assert.False(next.Skipped);
        bench.Server.Released(1, 0);
        Assert.All(link.Next().Parameters, number => Assert.True(float.IsFinite(number)));
    }

    private float[] TrainDisturbed(LonePlan lone, Random random)
    {
        using var bench = new ServerBench(lone);
        (ServerBench.Link link, float[] parameters) = Begin(bench, lone);
        float[] last = [];
        for (long step = 0; step <= lone.Plan.TotalSteps; step++)
        {
            List<List<(int Channel, TreeNode Node, byte[] Bits)>> runs = [];
            // Two cuts of the tree over each other, so that most leaves come twice and some nodes cover others.
            for (int cut = 0; cut < 2; cut++)
            {
                foreach (TreeNode node in Cut(SumTree.Root(lone.Plan.Shards), random))
                    runs.AddRange(Runs(bench.Server.Channels, Compute(lone, step, parameters, node), random));
            }
            foreach (List<(int Channel, TreeNode Node, byte[] Bits)> run in runs.OrderBy(_ => random.Next()))
            {
                if (random.Next(10) == 0)
                    bench.Post(1, Math.Max(0, step - 1), run[0]);
                if (random.Next(2) == 0 && bench.Server.Channels.IsGradient(run[0].Channel))
                    bench.PostInPlace(random.Next(1, 4), step, _folder, run);
                else
                    run.ForEach(part => bench.Post(random.Next(1, 4), step, part));
            }
            StepDecided decided = bench.Expect<StepDecided>();
            Assert.Equal(step, decided.Step);
            bench.ExpectUntouched();
            decided.Snapshot?.Dispose();
            Assert.Equal(lone.Plan.EvaluatesAt(step), decided.EvaluationSums is not null);
            if (step == lone.Plan.TotalSteps)
                break;
            bench.Server.Released(1, step);
            last = parameters = link.Next().Parameters;
        }
        bench.Expect<ServerStopped>().Snapshot.Dispose();
        return last;
    }

    // Neighbouring channels of the gradient together, as many as it happens; sums by themselves.
    private static List<List<(int Channel, TreeNode Node, byte[] Bits)>> Runs(StepChannels channels, List<(int Channel, TreeNode Node, byte[] Bits)> parts, Random random)
    {
        List<List<(int Channel, TreeNode Node, byte[] Bits)>> runs = [];
        foreach ((int Channel, TreeNode Node, byte[] Bits) part in parts.OrderBy(part => part.Channel))
        {
            if (runs.Count > 0 && channels.IsGradient(part.Channel) && random.Next(3) > 0)
                runs[^1].Add(part);
            else
                runs.Add([part]);
        }
        return runs;
    }

    private static IEnumerable<TreeNode> Cut(TreeNode node, Random random) =>
        node.Count == 1 || random.Next(3) == 0 ? [node] : [.. Cut(node.Left, random), .. Cut(node.Right, random)];

    private (ServerBench.Link Link, float[] Parameters) Begin(ServerBench bench, LonePlan? lone = null)
    {
        var link = new ServerBench.Link((lone ?? _lone).Layout);
        bench.Server.Start(ServerBench.Term);
        bench.Server.Attach(1, link);
        (long version, _, float[] parameters) = link.Next();
        Assert.Equal(0, version);
        return (link, parameters);
    }

    private List<(int Channel, TreeNode Node, byte[] Bits)> Compute(long step, float[] parameters, TreeNode node) => Compute(_lone, step, parameters, node);

    private static List<(int Channel, TreeNode Node, byte[] Bits)> Compute(LonePlan lone, long step, float[] parameters, TreeNode node)
    {
        fixed (float* pointer = parameters)
            return lone.Compute(step, pointer, node);
    }

    private void PostAll(ServerBench bench, long worker, long step, float[] parameters, bool poison = false) =>
        PostAll(bench, worker, step, Compute(step, parameters, SumTree.Root(8)), poison);

    private static void PostAll(ServerBench bench, long worker, long step, List<(int Channel, TreeNode Node, byte[] Bits)> parts, bool poison = false)
    {
        if (poison)
            BitConverter.TryWriteBytes(parts[0].Bits, float.NaN);
        foreach ((int Channel, TreeNode Node, byte[] Bits) part in parts)
            bench.Post(worker, step, part);
    }
}
