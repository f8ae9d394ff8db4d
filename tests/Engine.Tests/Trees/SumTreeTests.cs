using System.Numerics;
using CsCheck;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Trees;

public sealed class SumTreeTests
{
    private static readonly Gen<int> Shards = Gen.Int[0, 12].Select(level => 1 << level);

    private static readonly Gen<(int Start, int End)> Runs =
        Gen.Select(Gen.Int[0, 300], Gen.Int[0, 300], (a, b) => (Math.Min(a, b), Math.Max(a, b)));

    [Fact]
    public void The_leaves_partition_the_samples() => Gen.Select(Shards, Gen.Int[0, 10_000]).Sample((shards, samples) =>
    {
        int at = 0;
        for (int leaf = 0; leaf < shards; leaf++)
        {
            (int start, int end) = SumTree.LeafSamples(leaf, shards, samples);
            Assert.Equal(at, start);
            Assert.InRange(end - start, samples / shards, (samples + shards - 1) / shards);
            at = end;
        }
        Assert.Equal(samples, at);
    }, iter: 200);

    [Fact]
    public void A_leaf_holds_the_samples_that_the_job_file_promises() => Gen.Select(Shards, Gen.Int[0, int.MaxValue], Gen.Int[0, 4095]).Sample((shards, samples, number) =>
    {
        int leaf = number % shards;
        var expected = ((int)((BigInteger)leaf * samples / shards), (int)((BigInteger)(leaf + 1) * samples / shards));
        Assert.Equal(expected, SumTree.LeafSamples(leaf, shards, samples));
    });

    [Fact]
    public void The_samples_of_a_node_are_those_of_its_leaves() => Gen.Select(Shards, Gen.Int[0, 10_000], Gen.Int[0, 12], Gen.Int[0, 4095]).Sample((shards, samples, level, place) =>
    {
        int count = Math.Min(shards, 1 << level);
        var node = new TreeNode(place % (shards / count) * count, count);
        (int start, int end) = SumTree.NodeSamples(node, shards, samples);
        Assert.Equal(SumTree.LeafSamples(node.Start, shards, samples).Start, start);
        Assert.Equal(SumTree.LeafSamples(node.End - 1, shards, samples).End, end);
    });

    [Fact]
    public void A_decomposition_covers_exactly_its_leaves_in_order() => Runs.Sample(run =>
    {
        int at = run.Start;
        foreach (TreeNode node in SumTree.Decompose(run.Start, run.End))
        {
            Assert.True(node.IsAligned);
            Assert.Equal(at, node.Start);
            at = node.End;
        }
        Assert.Equal(run.End, at);
    });

    [Fact]
    public void A_decomposition_is_minimal() => Runs.Sample(run =>
        Assert.Equal(FewestNodes(run.Start, run.End, SumTree.Root(512)), SumTree.Decompose(run.Start, run.End).Count));

    [Fact]
    public void The_root_covers_all_leaves() => Shards.Sample(shards =>
        Assert.Equal([SumTree.Root(shards)], SumTree.Decompose(0, shards)));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-2)]
    [InlineData(8192)]
    [InlineData(int.MinValue)]
    public void Other_numbers_of_leaves_are_refused(int shards)
    {
        Assert.False(SumTree.IsShardCount(shards));
        Assert.Throws<ArgumentOutOfRangeException>(() => SumTree.Root(shards));
        Assert.Throws<ArgumentOutOfRangeException>(() => SumTree.LeafSamples(0, shards, 10));
    }

    // Of a node that lies within the run one is enough; of another, what its halves need.
    private static int FewestNodes(int start, int end, TreeNode node)
    {
        if (node.End <= start || end <= node.Start)
            return 0;
        if (start <= node.Start && node.End <= end)
            return 1;
        return FewestNodes(start, end, node.Left) + FewestNodes(start, end, node.Right);
    }
}
