using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Tests.Parameters;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;
using Lockstep.WorkerNode.Computing;
using Lockstep.WorkerNode.Parameters;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.Coordinator.Tests.Nets;

/// <summary>
/// A run in one process: workers with one, two and three threads that are given other nodes at every step, break off in the middle and leave their nodes to others,
/// begin anew, and compute some nodes twice, with a real parameter server that gets all of it in a random order.
/// </summary>
internal sealed class ScatteredRun : IDisposable
{
    private const int Workers = 3;

    private readonly NetPlan _net;
    private readonly TrainingPlan _plan;
    private readonly Random _random;
    private readonly List<NetState> _expected;
    private readonly ComputeCrew[] _crews = [.. Enumerable.Range(1, Workers).Select(threads => new ComputeCrew(threads))];
    private readonly SentParts[] _sent = [.. Enumerable.Range(0, Workers).Select(_ => new SentParts())];
    private readonly StepComputation[] _workers;
    private readonly FloatBuffer[] _versions;

    /// <param name="net">The job.</param>
    /// <param name="expected">What a lone run has.</param>
    /// <param name="seed">Of what happens.</param>
    public ScatteredRun(NetPlan net, List<NetState> expected, int seed)
    {
        (_net, _plan, _expected, _random) = (net, net.Plan, expected, new Random(seed));
        _workers = [.. _crews.Zip(_sent, (crew, sent) => new StepComputation(_plan, crew, sent))];
        _versions = [new FloatBuffer(_plan.Network.Layout.Length), new FloatBuffer(_plan.Network.Layout.Length)];
    }

    /// <summary>Steps at which a number of a random contribution is made NaN.</summary>
    public IReadOnlyCollection<long> Poisons { get; init; } = [];

    /// <summary>Takes the state of every checkpoint that is due.</summary>
    public Action<TrainingSnapshot> Saved { get; init; } = _ => { };

    /// <summary>Goes from a state to the end, or a few steps, and compares every version and every sum on the way.</summary>
    /// <param name="start">Where to begin.</param>
    /// <param name="steps">How many steps at most.</param>
    public void Follow(StartingPoint start, long steps = long.MaxValue)
    {
        using var bench = new ServerBench(_plan, start);
        var link = new ServerBench.Link(_plan.Network.Layout);
        bench.Server.Start(ServerBench.Term);
        bench.Server.Attach(1, link);
        long end = Math.Min(_plan.TotalSteps, start.Step + steps);
        for (long step = start.Step; step <= end; step++)
        {
            if (step == _plan.TotalSteps && !_plan.EvaluatesAt(step))
                break;
            float[] parameters = link.Next().Parameters;
            NetState expected = _expected[checked((int)step)];
            RequireSame($"version {step}", expected.Parameters, parameters);
            foreach (SentPart part in Compute(step, parameters))
                bench.Post(_random.Next(1, 4), step, (part.Channel, part.Node, part.Bits));
            StepDecided decided = bench.Expect<StepDecided>();
            Assert.Equal((step, Poisons.Contains(step)), (decided.Step, decided.Skipped));
            if (!decided.Skipped)
                RequireSame($"sums of step {step}", expected.TrainingSums, decided.TrainingSums);
            RequireSame($"evaluation at step {step}", expected.EvaluationSums, decided.EvaluationSums);
            if (decided.Snapshot is { } snapshot)
            {
                Saved(snapshot);
                snapshot.Dispose();
            }
            bench.Server.Released(1, step);
        }
        if (end < _plan.TotalSteps)
            return;
        using TrainingSnapshot last = bench.Expect<ServerStopped>().Snapshot;
        RequireSame("the last optimizer state", _expected[^1].Optimizer, [.. last.State.Select(buffer => buffer.Span.ToArray())]);
        RequireSame("the last parameters", _expected[^1].Parameters, Floats(last));
    }

    public static void RequireSame(string what, float[][] expected, float[][] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
            RequireSame(what, expected[i], found[i]);
    }

    public static void RequireSame(string what, float[] expected, float[] found)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(found[i]), $"{what}: number {i} is {found[i]:R} instead of {expected[i]:R}");
        Assert.Equal(expected.Length, found.Length);
    }

    public void Dispose()
    {
        foreach (StepComputation worker in _workers)
            worker.Dispose();
        foreach (ComputeCrew crew in _crews)
            crew.Dispose();
        foreach (FloatBuffer version in _versions)
            version.Dispose();
    }

    private static void RequireSame(string what, double[]? expected, double[]? found)
    {
        Assert.Equal(expected is null, found is null);
        for (int i = 0; i < expected?.Length; i++)
            Assert.True(BitConverter.DoubleToInt64Bits(expected[i]) == BitConverter.DoubleToInt64Bits(found![i]), $"{what}: sum {i} is {found[i]:R} instead of {expected[i]:R}");
    }

    private unsafe float[] Floats(TrainingSnapshot snapshot) => new ReadOnlySpan<float>(snapshot.Parameters, (int)_plan.Network.Layout.Length).ToArray();

    private List<SentPart> Compute(long step, float[] parameters)
    {
        // A worker has two places for versions, in turn.
        FloatBuffer version = _versions[step % 2];
        // Every other version arrives only as far as the forward pass has asked for it.
        bool arrives = step % 2 == 1;
        if (arrives)
            version.Span.Fill(float.NaN);
        else
            parameters.CopyTo(version.Span);
        var held = new HeldVersion(step, 1, version, arrives ? new LazyArrival(_plan.Network.Layout, parameters, version) : null);
        var parts = new List<SentPart>();
        var open = new Queue<TreeNode>(Cut(SumTree.Root(_plan.Shards)));
        if (_random.Next(3) == 0)
        {
            foreach (TreeNode again in Cut(SumTree.Root(_plan.Shards)).Where(_ => _random.Next(2) == 0))
                open.Enqueue(again);
        }
        while (open.Count > 0)
        {
            int worker = _random.Next(Workers);
            TreeNode[] nodes = Take(open, 1 + _random.Next(4));
            if (!Compute(worker, held, nodes))
            {
                foreach (TreeNode given in nodes.SelectMany(Cut))
                    open.Enqueue(given);
            }
            parts.AddRange(_sent[worker].Take());
        }
        SentPart[] posted = [.. parts.OrderBy(_ => _random.Next())];
        if (Poisons.Contains(step))
            Poison(posted);
        return [.. posted];
    }

    // The nodes of one assignment have no leaf in common.
    private static TreeNode[] Take(Queue<TreeNode> open, int count)
    {
        var nodes = new List<TreeNode>();
        while (nodes.Count < count && open.TryPeek(out TreeNode next) && !nodes.Exists(node => node.Contains(next) || next.Contains(node)))
            nodes.Add(open.Dequeue());
        return [.. nodes];
    }

    /// <summary>Lets a worker compute, or break off in one of two ways: its connection ends, or what it computes is superseded.</summary>
    private bool Compute(int worker, HeldVersion held, TreeNode[] nodes)
    {
        using var superseded = new CancellationTokenSource();
        int fate = _random.Next(6), after = _random.Next((_plan.Network.Layout.Blocks.Count + 1 + _plan.EvaluationMinibatches) * nodes.Length);
        _sent[worker].BreaksAfter = fate == 0 ? after : int.MaxValue;
        _sent[worker].Sending = sent =>
        {
            if (fate == 1 && sent >= after)
                superseded.Cancel();
        };
        try
        {
            _workers[worker].Compute(new Assignment(held, nodes, true, superseded.Token));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // All copies of the node alike: copies with different bits end a run.
    private void Poison(SentPart[] parts)
    {
        SentPart chosen = parts.Where(part => part.Channel < _plan.Network.Layout.Blocks.Count).OrderBy(_ => _random.Next()).First();
        foreach (SentPart part in parts.Where(part => part.Channel == chosen.Channel))
            BitConverter.TryWriteBytes(part.Bits, float.NaN);
    }

    private IEnumerable<TreeNode> Cut(TreeNode node) =>
        node.Count == 1 || _random.Next(3) == 0 ? [node] : [.. Cut(node.Left), .. Cut(node.Right)];
}
