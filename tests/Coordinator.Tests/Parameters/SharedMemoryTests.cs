using Lockstep.Coordinator.Parameters;
using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.Tests.Parameters;

public sealed unsafe class SharedMemoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("shared").FullName;
    private readonly SharedFolder _folder;

    public SharedMemoryTests() => _folder = SharedFolder.Create(_root);

    public void Dispose()
    {
        _folder.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void A_version_is_read_where_it_lies_and_its_memory_is_used_anew_when_nobody_reads_it()
    {
        using var pool = new VersionPool(100, 1, _folder);
        ParameterVersion first = pool.Rent(0);
        first.Pointer[99] = 7;
        using SharedSegment seen = SharedSegment.Open(SharedFolder.FileOf(_folder.Path, SegmentNames.OfVersion(first.Segment!.Value)), SegmentNames.BytesOf(100));
        Assert.Equal(7, ((float*)seen.Pointer)[99]);
        Assert.NotEqual(first.Segment, pool.Rent(1).Segment);
        first.Unpin();
        Assert.Equal(first.Segment, pool.Rent(2).Segment);
        Assert.Equal(2, pool.Count);
    }

    [Fact]
    public void Without_room_a_version_lies_in_memory_of_this_process()
    {
        using var pool = new VersionPool(100, 1, _folder);
        Directory.Delete(_folder.Path);
        ParameterVersion version = pool.Rent(0);
        Assert.Null(version.Segment);
        Assert.Equal(0, version.Pointer[99]);
    }

    [Fact]
    public void A_version_stays_as_it_is_until_the_worker_that_reads_it_lets_it_go_or_is_gone()
    {
        using var pool = new VersionPool(100, 1, _folder);
        ParameterVersion first = pool.Rent(0), second = pool.Rent(1);
        var link = new Link { Shares = true };
        var feed = new WorkerFeed(1, link, [new ParameterBlock(0, 0, 0, 100)]);
        feed.Offer(first, ServerBench.Run, ServerBench.Term, 0);
        feed.Offer(second, ServerBench.Run, ServerBench.Term, 0);
        first.Unpin();
        second.Unpin();
        Assert.Equal([first.Segment!.Value, second.Segment!.Value], link.InPlace);
        Assert.Equal((false, false, 0), (first.IsFree, second.IsFree, link.Blocks));
        Assert.True(feed.Released(1));
        Assert.Equal((false, true), (first.IsFree, second.IsFree));
        feed.Detach();
        Assert.True(first.IsFree);
    }

    [Fact]
    public void A_worker_that_shares_no_memory_is_sent_the_blocks()
    {
        using var pool = new VersionPool(100, 1, _folder);
        ParameterVersion version = pool.Rent(0);
        var link = new Link();
        new WorkerFeed(1, link, [new ParameterBlock(0, 0, 0, 60), new ParameterBlock(1, 0, 60, 40)]).Offer(version, ServerBench.Run, ServerBench.Term, 0);
        Assert.Equal(2, link.Blocks);
        version.Unpin();
        Assert.True(version.IsFree);
    }

    [Fact]
    public void A_mapping_ends_with_the_last_who_holds_it()
    {
        SharedSegment segment = SharedSegment.Create(Path.Combine(_folder.Path, "g"), SegmentNames.BytesOf(10));
        var gradient = new SharedGradient(segment);
        using var pool = new NodeSumPool(16);
        NodeSum sum = pool.InPlace(gradient, 4, 6 * sizeof(float));
        sum.Floats[0] = 5;
        Assert.Equal((5f, 24), (gradient.Pointer[4], sum.Bytes));
        gradient.Release();
        Assert.Equal(5, ((float*)segment.Pointer)[4]);
        pool.Return(sum);
        Assert.Throws<ObjectDisposedException>(() => (nint)segment.Pointer);
    }

    private sealed class Link : IWorkerLink
    {
        public bool Shares { get; init; }

        public List<int> InPlace { get; } = [];

        public int Blocks { get; private set; }

        public bool SendInPlace(in ParameterBlockKey key)
        {
            if (Shares)
                InPlace.Add(key.Block);
            return Shares;
        }

        public void SendBlock(in ParameterBlockKey key, ParameterVersion version, in ParameterBlock block) => Blocks++;

        public void RefuseTerm(in VersionKey present) => throw new InvalidOperationException("No contribution was sent.");

        public void ReturnCredit() => throw new InvalidOperationException("No contribution was sent.");
    }
}
