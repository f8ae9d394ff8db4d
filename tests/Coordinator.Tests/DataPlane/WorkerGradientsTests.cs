using Lockstep.Coordinator.DataPlane;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Tests.Parameters;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.Tests.DataPlane;

public sealed unsafe class WorkerGradientsTests : IDisposable
{
    private const long Worker = 4;

    private readonly string _root = Directory.CreateTempSubdirectory("shared").FullName;
    private readonly SharedFolder _folder;
    private readonly LonePlan _lone = new(model: "flatten, dense: { units: 1200 }, relu, dense: { units: 10 }");
    private readonly ServerBench _bench;
    private readonly WorkerGradients _gradients;

    public WorkerGradientsTests()
    {
        _folder = SharedFolder.Create(_root);
        _bench = new ServerBench(_lone.Plan, _lone.Start(), _folder);
        _gradients = new WorkerGradients(Worker, _bench.Server);
    }

    public void Dispose()
    {
        _gradients.Dispose();
        _bench.Dispose();
        _lone.Dispose();
        _folder.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Blocks_that_a_worker_names_are_those_of_its_memory()
    {
        using SharedSegment segment = SharedSegment.Create(SharedFolder.FileOf(_folder.Path, SegmentNames.OfGradient(Worker, 2)), SegmentNames.BytesOf(_lone.Layout.Length));
        ((float*)segment.Pointer)[5] = 7;
        int blocks = _lone.Layout.Blocks.Count;
        Assert.True(blocks > 1);
        ContributionRun run = Take(0, new InPlaceBlocks(Slot: 2, Count: blocks), out string? refusal)!.Value;
        Assert.Null(refusal);
        Assert.Equal((Worker, 0, blocks, 7f), (run.Worker, run.First.Channel, run.Count, run.Gradient.Pointer[5]));
    }

    [Theory]
    [InlineData(-1, 1, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(0, -3, 0)]
    [InlineData(1, int.MaxValue, 0)]
    [InlineData(int.MaxValue, 1, 0)]
    [InlineData(0, 1, -1)]
    [InlineData(0, 1, 64)]
    public void What_cannot_be_in_place_is_refused(int channel, int count, int slot)
    {
        Assert.Null(Take(channel, new InPlaceBlocks(slot, count), out string? refusal));
        Assert.Equal($"contributions to {count} channels from {channel} in slot {slot}, which cannot be in place", refusal);
    }

    [Fact]
    public void Sums_are_never_in_place()
    {
        int sums = _bench.Server.Channels.TrainingSums;
        Assert.Null(Take(sums, new InPlaceBlocks(0, 1), out string? lone));
        Assert.Null(Take(sums - 1, new InPlaceBlocks(0, 2), out string? last));
        Assert.All([lone, last], refusal => Assert.Contains("cannot be in place", refusal, StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_that_is_not_there_is_refused_with_what_to_do()
    {
        Assert.Null(Take(0, new InPlaceBlocks(0, 1), out string? refusal));
        Assert.EndsWith("start with --exchange unix", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(9)]
    public void A_description_of_another_length_is_refused(int length) => Assert.NotNull(_gradients.Land(Header(length)).Refusal);

    private static FrameHeader Header(int length) => new(FrameType.Data, (ushort)FrameKind.ContributionInPlace, length, 0, default);

    private ContributionRun? Take(int channel, InPlaceBlocks blocks, out string? refusal)
    {
        Landing landing = _gradients.Land(Header(InPlaceBlocks.Size));
        blocks.Write(new Span<byte>(landing.Pointer, (int)landing.Capacity));
        return _gradients.Take(new ContributionKey(ServerBench.Run, ServerBench.Term, 0, channel, 0, 8), out refusal);
    }
}
