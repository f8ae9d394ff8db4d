using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.WorkerNode.Computing;
using Lockstep.WorkerNode.Parameters;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.WorkerNode.Tests.Computing;

public sealed unsafe class StepComputationTests : IDisposable
{
    private readonly TrainingPlan _plan = TrainingPlan.Create(JobFile.Parse("""
        data: { dataset: digits, limit: 60, transforms: [ scale: 1/16 ], validation: { fraction: 0.2 } }
        model: [ flatten, dense: { units: 10 } ]
        training: { loss: softmaxCrossEntropy, steps: 4, batch: 20, shards: 4, optimizer: { sgd: { learningRate: 0.1 } } }
        evaluation: { everySteps: 2, metrics: [accuracy] }
        """, "job.yaml"), JobSource.OfFolder("."));
    private readonly ComputeCrew _crew = new(1);
    private readonly Sent _sent = new();
    private readonly FloatBuffer _parameters;

    public StepComputationTests() => _parameters = InitialParameters.Of(_plan, JobSource.OfFolder("."));

    public void Dispose()
    {
        _crew.Dispose();
        _parameters.Dispose();
    }

    [Theory]
    [InlineData(0, true, false)]
    [InlineData(2, true, true)]
    [InlineData(4, false, true)]
    public void Every_channel_of_the_step_is_sent_once_for_every_node(long step, bool trains, bool evaluates)
    {
        TreeNode[] nodes = [new(0, 2), new(3, 1)];
        Compute(step, nodes, CancellationToken.None);
        int blocks = _plan.Network.Layout.Blocks.Count;
        int[] channels = [.. trains ? Enumerable.Range(0, blocks + 1) : [], .. evaluates ? Enumerable.Range(blocks + 1, _plan.EvaluationMinibatches) : []];
        Assert.Equal(
            channels.SelectMany(channel => nodes.Select(node => (step, channel, node))).Order(Comparer),
            _sent.Parts.Keys.Order(Comparer));
        Assert.Equal(step, _sent.Awaited);
    }

    [Fact]
    public void The_sums_of_two_nodes_are_those_of_their_parent()
    {
        Compute(0, [new TreeNode(0, 4)], CancellationToken.None);
        Dictionary<(long Step, int Channel, TreeNode Node), byte[]> whole = new(_sent.Parts);
        _sent.Parts.Clear();
        Compute(0, [new TreeNode(0, 2), new TreeNode(2, 2)], CancellationToken.None);
        float[] left = Floats(_sent.Parts[(0, 0, new TreeNode(0, 2))]), right = Floats(_sent.Parts[(0, 0, new TreeNode(2, 2))]);
        Assert.Equal(Floats(whole[(0, 0, new TreeNode(0, 4))]), left.Zip(right, (a, b) => a + b));
    }

    [Fact]
    public void Work_that_is_superseded_sends_no_gradient()
    {
        using var superseded = new CancellationTokenSource();
        superseded.Cancel();
        Assert.Throws<OperationCanceledException>(() => Compute(0, [new TreeNode(0, 4)], superseded.Token));
        Assert.Empty(_sent.Parts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_loaded_ahead_is_used_where_it_fits_and_changes_no_bit(bool sameNodes)
    {
        TreeNode[] first = [new(0, 2)], second = sameNodes ? first : [new(2, 1), new(3, 1)];
        Compute(1, second, CancellationToken.None);
        Dictionary<(long Step, int Channel, TreeNode Node), byte[]> expected = new(_sent.Parts);
        _sent.Parts.Clear();
        using var computation = new StepComputation(_plan, _crew, _sent);
        var begun = new Assignment(new HeldVersion(0, 1, _parameters), first, true, CancellationToken.None);
        computation.Compute(begun);
        _sent.Parts.Clear();
        computation.Compute(new Assignment(new HeldVersion(1, 1, _parameters), second, true, CancellationToken.None));
        Assert.Equal(expected.Keys.Order(Comparer), _sent.Parts.Keys.Order(Comparer));
        Assert.All(expected, part => Assert.Equal(part.Value, _sent.Parts[part.Key]));
    }

    [Theory]
    [InlineData(0, "flatten")]
    [InlineData(1, "dense")]
    public void A_worker_that_is_told_to_throws_once_in_the_layer_and_at_the_leaf_that_it_names(int layer, string kind)
    {
        var told = new List<string>();
        using var computation = new StepComputation(_plan, _crew, _sent, new InjectedFault(InjectedFaultKind.Throws, 1, layer, 1, told.Add));
        computation.Compute(AssignmentAt(0));
        _sent.Parts.Clear();
        InjectedFaultException thrown = Assert.Throws<InjectedFaultException>(() => computation.Compute(AssignmentAt(1)));
        Assert.Equal($"step 1, leaf 3: layer {_plan.Network.Layers[layer].Name} throws", thrown.Message);
        Assert.Equal([thrown.Message], told);
        Assert.Empty(_sent.Parts);
        Assert.Contains(kind, _plan.Network.Layers[layer].GetType().Name, StringComparison.OrdinalIgnoreCase);
        computation.Compute(AssignmentAt(1));
        Assert.NotEmpty(_sent.Parts);
    }

    [Fact]
    public void A_worker_that_is_told_to_sends_one_number_that_is_none_and_all_others_as_they_are()
    {
        TreeNode[] nodes = [new(0, 1), new(3, 1)];
        Compute(1, nodes, CancellationToken.None);
        Dictionary<(long Step, int Channel, TreeNode Node), byte[]> expected = new(_sent.Parts);
        _sent.Parts.Clear();
        using var computation = new StepComputation(_plan, _crew, _sent, new InjectedFault(InjectedFaultKind.MakesNaN, 1, 1, 1, _ => { }));
        computation.Compute(AssignmentAt(1));
        float[][] changed = [.. expected.Where(part => !part.Value.AsSpan().SequenceEqual(_sent.Parts[part.Key])).Select(part => Floats(_sent.Parts[part.Key]))];
        Assert.Single(Assert.Single(changed), float.IsNaN);
    }

    // Token 0 is in no sample: its row of the gradient is one that nobody looks at once it is known to be zero.
    [Fact]
    public void A_number_that_was_made_none_in_a_row_without_tokens_is_gone_a_step_later()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-tests-tokens-");
        try
        {
            using (FileStream file = File.Create(Path.Combine(folder.FullName, "tokens.safetensors")))
                SafetensorsWriter.Write(file, [TensorData.Of("inputs", [4, 2], (long[])[1, 2, 3, 1, 5, 4, 2, 2]), TensorData.Of("targets", [4], (long[])[0, 1, 1, 0])]);
            var source = JobSource.OfFolder(folder.FullName);
            TrainingPlan plan = TrainingPlan.Create(JobFile.Parse("""
                data: { tensors: { path: tokens.safetensors }, shuffle: false }
                model: [ embedding: { size: 3, vocabulary: 6 }, lastStep, dense: { units: 2 } ]
                training: { loss: softmaxCrossEntropy, steps: 3, batch: 4, shards: 4, optimizer: { sgd: { learningRate: 0.1 } } }
                """, "job.yaml"), source);
            using FloatBuffer parameters = InitialParameters.Of(plan, source);
            Assignment At(long step) => new(new HeldVersion(step, 1, parameters), [new TreeNode(0, 4)], true, CancellationToken.None);

            using (var fresh = new StepComputation(plan, _crew, _sent))
                fresh.Compute(At(2));
            Dictionary<(long Step, int Channel, TreeNode Node), byte[]> expected = new(_sent.Parts);
            _sent.Parts.Clear();
            using var computation = new StepComputation(plan, _crew, _sent, new InjectedFault(InjectedFaultKind.MakesNaN, 1, 0, 0, _ => { }));
            computation.Compute(At(0));
            computation.Compute(At(1));
            Assert.Contains(_sent.Parts, part => part.Key.Step == 1 && Floats(part.Value)[0] is float.NaN);
            computation.Compute(At(2));
            Assert.All(expected, part => Assert.Equal(part.Value, _sent.Parts[part.Key]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Assignment AssignmentAt(long step) => new(new HeldVersion(step, 1, _parameters), [new TreeNode(0, 1), new TreeNode(3, 1)], true, CancellationToken.None);

    private static readonly Comparer<(long Step, int Channel, TreeNode Node)> Comparer =
        Comparer<(long Step, int Channel, TreeNode Node)>.Create((a, b) => (a.Channel, a.Node.Start).CompareTo((b.Channel, b.Node.Start)));

    private void Compute(long step, TreeNode[] nodes, CancellationToken superseded)
    {
        using var computation = new StepComputation(_plan, _crew, _sent);
        computation.Compute(new Assignment(new HeldVersion(step, 1, _parameters), nodes, true, superseded));
    }

    private static float[] Floats(byte[] bits) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bits).ToArray();

    private sealed class Sent : IContributionSink
    {
        public Dictionary<(long Step, int Channel, TreeNode Node), byte[]> Parts { get; } = [];

        public long Awaited { get; private set; } = -1;

        public void AwaitMemory(long step) => Awaited = step;

        public GradientMemory CreateGradient(long length) => new(length);

        public void Send(long step, ReadOnlySpan<ParameterBlock> blocks, TreeNode node, GradientMemory gradient, bool moreFollow)
        {
            foreach (ParameterBlock block in blocks)
                Send(step, block.Index, node, gradient.Pointer + block.Offset, block.Length * sizeof(float));
        }

        public void Send(long step, int channel, TreeNode node, void* bits, int bytes) =>
            Parts.Add((step, channel, node), new ReadOnlySpan<byte>(bits, bytes).ToArray());
    }
}
