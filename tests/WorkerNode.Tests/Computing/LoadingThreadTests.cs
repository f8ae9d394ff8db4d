using Lockstep.Engine.Models;
using Lockstep.Engine.Trees;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.WorkerNode.Computing;

namespace Lockstep.WorkerNode.Tests.Computing;

public sealed unsafe class LoadingThreadTests
{
    private static readonly TreeNode[] Nodes = [new(0, 2)];

    private readonly TrainingPlan _plan = TrainingPlan.Create(JobFile.Parse("""
        data: { dataset: digits, limit: 60, transforms: [ scale: 1/16 ] }
        model: [ flatten, dense: { units: 10 } ]
        training: { loss: softmaxCrossEntropy, steps: 9, batch: 20, shards: 4, optimizer: { sgd: { learningRate: 0.1 } } }
        """, "job.yaml"), JobSource.OfFolder("."));

    [Fact]
    public void A_batch_stays_while_the_next_one_is_loaded()
    {
        using var loading = new LoadingThread(_plan);
        using var loader = new MinibatchLoader(_plan);
        Batch present = loading.Take(_plan.MinibatchAt(0), Nodes);
        for (long step = 1; step < 9; step++)
        {
            loading.Begin(step, Nodes);
            Assert.Equal(Expected(step - 1), Samples(present));
            Batch next = loading.Take(_plan.MinibatchAt(step), Nodes);
            Assert.NotEqual((nint)present.Inputs, (nint)next.Inputs);
            Assert.Equal(Expected(step), Samples(next));
            Assert.Equal(Inputs(loader.Load(_plan.MinibatchAt(step), Nodes)), Inputs(next));
            present = next;
        }
    }

    [Fact]
    public void Another_step_or_other_nodes_than_were_guessed_are_loaded_when_they_are_asked_for()
    {
        using var loading = new LoadingThread(_plan);
        loading.Begin(3, Nodes);
        Assert.Equal(Expected(4), Samples(loading.Take(_plan.MinibatchAt(4), Nodes)));
        loading.Begin(5, Nodes);
        Assert.Equal(10, loading.Take(_plan.MinibatchAt(5), [new TreeNode(0, 1), new TreeNode(3, 1)]).Count);
    }

    [Fact]
    public void What_goes_wrong_ahead_of_need_is_thrown_when_it_is_needed_and_only_then()
    {
        using var loading = new LoadingThread(_plan);
        loading.Begin(-3, Nodes);
        Assert.Equal(Expected(2), Samples(loading.Take(_plan.MinibatchAt(2), Nodes)));
        loading.Begin(-3, Nodes);
        Assert.Throws<ArgumentOutOfRangeException>(() => loading.Take(_plan.MinibatchAt(-3), Nodes));
        Assert.Equal(Expected(2), Samples(loading.Take(_plan.MinibatchAt(2), Nodes)));
    }

    private int[] Expected(long step)
    {
        using var loader = new MinibatchLoader(_plan);
        return Samples(loader.Load(_plan.MinibatchAt(step), Nodes));
    }

    private static int[] Samples(Batch batch) => new ReadOnlySpan<int>(batch.SampleIds, batch.Count).ToArray();

    private static float[] Inputs(Batch batch) => new ReadOnlySpan<float>(batch.Inputs, batch.Count * 64).ToArray();
}
