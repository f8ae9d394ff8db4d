using CsCheck;
using Lockstep.Coordinator.Tests.Reduction;

namespace Lockstep.Coordinator.Tests.Views;

public sealed class ClusterSimulationTests
{
    private const long Steps = 8;

    // Kinds of event: see SimulatedCluster.Happen. Joining comes first, so that shorter histories are simpler ones.
    private static readonly Gen<(int Shards, (int Kind, int Choice)[] Events)> History =
        from shards in Gen.Int[0, 4].Select(power => 1 << power)
        from events in Gen.Select(Gen.Frequency((2, Gen.Int[0, 5]), (9, Gen.Int[6, 16]), (1, Gen.Int[17, 20])), Gen.Int[0, 1_000]).Array[0, 250]
        select (shards, events);

    [Fact]
    public void Whatever_happens_every_step_is_decided_and_the_model_is_that_of_a_lone_worker()
    {
        (int late, int back) = (0, 0);
        History.Sample(history =>
        {
            var cluster = new SimulatedCluster(history.Shards, Steps);
            foreach ((int kind, int choice) in history.Events)
            {
                if (!cluster.IsFinished)
                    cluster.Happen(kind, choice);
            }

            Assert.Null(cluster.RunOut());
            Assert.Equal(ToyTraining.Alone(history.Shards, Steps), cluster.Model);
            Interlocked.Add(ref late, cluster.BackedUp);
            Interlocked.Add(ref back, cluster.CameBack);
        }, iter: 3_000);

        // Else nothing of this would be said of workers that are late and of those that come back.
        Assert.True(late > 100 && back > 20, $"{late} were late, {back} came back");
    }

    [Fact]
    public void Trouble_reaches_the_middle_of_runs_and_not_only_their_ends()
    {
        int between = 0;
        History.Sample(history =>
        {
            var cluster = new SimulatedCluster(history.Shards, Steps);
            foreach ((int kind, int choice) in history.Events)
            {
                if (!cluster.IsFinished)
                    cluster.Happen(kind, choice);
            }
            if (cluster.Step is > 0 and < Steps)
                Interlocked.Increment(ref between);
        }, iter: 500);

        Assert.InRange(between, 100, 500);
    }

    [Fact]
    public void The_toy_model_depends_on_the_order_of_addition_so_the_comparison_means_something()
    {
        int different = 0;
        for (int leaf = 0; leaf + 4 <= 64; leaf += 4)
        {
            float[] leaves = [.. Enumerable.Range(leaf, 4).Select(each => ToyTraining.Leaf(ToyTraining.FirstModel, 0, 0, each))];
            float inARow = leaves[0] + leaves[1] + leaves[2] + leaves[3];
            different += PlainSum.Bits(inARow) == PlainSum.Bits(PlainSum.Of(leaves, new(0, 4))) ? 0 : 1;
        }
        Assert.InRange(different, 1, 16);
    }
}
