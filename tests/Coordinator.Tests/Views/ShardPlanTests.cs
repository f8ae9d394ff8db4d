using CsCheck;
using Lockstep.Coordinator.Tests.Reduction;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Shares = System.Collections.Generic.IReadOnlyDictionary<long, System.Collections.Generic.IReadOnlyList<Lockstep.Engine.Trees.TreeNode>>;

namespace Lockstep.Coordinator.Tests.Views;

public sealed class ShardPlanTests
{
    private static readonly Gen<Dictionary<long, double>> Speeds = Speed(Gen.Double[0.01, 100]);

    private static Gen<Dictionary<long, double>> Speed(Gen<double> speed) =>
        Gen.Dictionary(Gen.Long[1, 1000], speed)[1, 20];

    [Fact]
    public void A_balance_covers_every_leaf_once_in_runs_ordered_by_worker() =>
        Gen.Select(TreeGenerators.Shards, Speeds).Sample((shards, speeds) =>
        {
            Shares plan = ShardPlan.Balance(shards, speeds);

            Assert.Equal(speeds.Keys.Order(), plan.Keys.Order());
            Assert.Equal(Enumerable.Range(0, shards), plan.OrderBy(share => share.Key).SelectMany(share => Leaves(share.Value)));
            Assert.All(plan.Values.SelectMany(nodes => nodes), node => Assert.True(node.IsAligned));
        }, iter: 5_000);

    [Fact]
    public void A_share_is_within_a_leaf_of_its_speed_where_the_least_share_of_one_leaf_leaves_room() =>
        Gen.Select(TreeGenerators.Shards, Speeds).Sample((shards, speeds) =>
        {
            double total = speeds.Values.Sum();
            Dictionary<long, double> quota = speeds.ToDictionary(worker => worker.Key, worker => shards * worker.Value / total);
            if (quota.Values.Any(share => share < 1))
                return;
            Shares plan = ShardPlan.Balance(shards, speeds);
            Assert.All(plan, share => Assert.InRange(Count(share.Value) - quota[share.Key], -1 - 1e-9, 1 + 1e-9));
        }, iter: 5_000);

    [Fact]
    public void A_faster_worker_never_gets_less_than_a_slower_one() =>
        Gen.Select(TreeGenerators.Shards, Speeds).Sample((shards, speeds) =>
        {
            Shares plan = ShardPlan.Balance(shards, speeds);
            foreach ((long worker, double speed) in speeds)
                Assert.All(speeds.Where(other => other.Value > speed), other => Assert.True(Count(plan[other.Key]) >= Count(plan[worker])));
        }, iter: 5_000);

    [Fact]
    public void Everybody_has_a_leaf_while_there_are_enough_and_else_the_fastest_have_one_each() =>
        Gen.Select(TreeGenerators.Shards, Speeds).Sample((shards, speeds) =>
        {
            Shares plan = ShardPlan.Balance(shards, speeds);
            int busy = plan.Values.Count(nodes => nodes.Count > 0);

            Assert.Equal(Math.Min(shards, speeds.Count), busy);
            double slowestBusy = plan.Where(share => share.Value.Count > 0).Min(share => speeds[share.Key]);
            Assert.All(plan.Where(share => share.Value.Count == 0), share => Assert.True(speeds[share.Key] <= slowestBusy));
        }, iter: 5_000);

    [Fact]
    public void Any_positive_finite_speeds_can_be_balanced() =>
        Gen.Select(TreeGenerators.Shards, Speed(TreeGenerators.OneOf(double.Epsilon, 1e-308, 1.0, 1e300, double.MaxValue))).Sample((shards, speeds) =>
            Assert.Equal(shards, ShardPlan.Balance(shards, speeds).Values.Sum(Count)));

    [Fact]
    public void Only_ratios_of_speeds_count() =>
        Gen.Select(TreeGenerators.Shards, Speeds, Gen.Int[-20, 20]).Sample((shards, speeds, power) =>
        {
            Shares plan = ShardPlan.Balance(shards, speeds);
            Shares scaled = ShardPlan.Balance(shards, speeds.ToDictionary(worker => worker.Key, worker => Math.ScaleB(worker.Value, power)));
            Assert.All(plan, share => Assert.Equal(share.Value, scaled[share.Key]));
        });

    [Fact]
    public void Twice_the_speed_is_twice_the_leaves() =>
        Assert.Equal([2, 4, 2], ShardPlan.Balance(8, new Dictionary<long, double> { [1] = 1, [2] = 2, [3] = 1 }).OrderBy(share => share.Key).Select(share => Count(share.Value)));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_speed_that_is_none_is_refused(double speed) =>
        Assert.Throws<ArgumentException>(() => ShardPlan.Balance(8, new Dictionary<long, double> { [1] = 1, [2] = speed }));

    [Fact]
    public void A_plan_for_nobody_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ShardPlan.Balance(8, new Dictionary<long, double>()));
        Assert.Throws<ArgumentException>(() => ShardPlan.Reassign(new Dictionary<long, IReadOnlyList<TreeNode>>(), new HashSet<long>()));
    }

    [Fact]
    public void Survivors_keep_their_nodes_and_the_rest_is_spread_evenly_over_them() =>
        (from shards in TreeGenerators.Shards
         from speeds in Speeds
         from gone in Gen.Long[1, 1000].Array[0, 10]
         from newcomers in Gen.Long[2000, 2010].HashSet[0, 3]
         select (shards, speeds, gone, newcomers)).Sample(given =>
        {
            Shares before = ShardPlan.Balance(given.shards, given.speeds);
            HashSet<long> staying = [.. given.speeds.Keys.Where(worker => !given.gone.Any(modulus => worker % 3 == modulus % 3)), .. given.newcomers];
            if (staying.Count == 0)
                return;

            Shares after = ShardPlan.Reassign(before, staying);

            Assert.Equal(staying.Order(), after.Keys.Order());
            Assert.Equal(Enumerable.Range(0, given.shards), after.Values.SelectMany(Leaves).Order());
            Assert.All(after.Values.SelectMany(nodes => nodes), node => Assert.True(node.IsAligned));
            int most = after.Values.Max(Count);
            foreach ((long worker, IReadOnlyList<TreeNode> nodes) in after)
            {
                IReadOnlyList<TreeNode> kept = before.GetValueOrDefault(worker) ?? [];
                Assert.Equal(kept, nodes.Take(kept.Count));
                // Nobody was given more while somebody else had two leaves less.
                Assert.True(Count(nodes) == Count(kept) || Count(nodes) - 1 <= after.Values.Min(Count), $"{worker} has {Count(nodes)} of at most {most} leaves.");
            }
        }, iter: 5_000);

    private static IEnumerable<int> Leaves(IReadOnlyList<TreeNode> nodes) => nodes.SelectMany(node => Enumerable.Range(node.Start, node.Count));

    private static int Count(IReadOnlyList<TreeNode> nodes) => nodes.Sum(node => node.Count);
}
