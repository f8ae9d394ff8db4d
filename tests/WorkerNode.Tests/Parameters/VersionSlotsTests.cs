using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.WorkerNode.Parameters;

namespace Lockstep.WorkerNode.Tests.Parameters;

public sealed unsafe class VersionSlotsTests : IDisposable
{
    private readonly ParameterLayout _layout = new([new ParameterView("a.weight", 0, [300, 300], 0, false), new ParameterView("b.weight", 1, [5], 0, false)]);
    private readonly VersionSlots _slots;

    public VersionSlotsTests() => _slots = new VersionSlots(_layout);

    public void Dispose() => _slots.Dispose();

    [Fact]
    public void A_version_is_whole_when_its_last_block_has_come_in_order()
    {
        HeldVersion held = Land(3);
        Assert.Equal((3L, 9), (held.Version, held.View));
        Assert.Equal(_layout.Length, held.Buffer!.Length);
    }

    [Fact]
    public void There_is_room_for_two_versions_and_for_a_third_when_one_is_let_go()
    {
        HeldVersion first = Land(0);
        Land(1);
        Assert.Contains("without room", Refused(2, 0), StringComparison.Ordinal);
        _slots.Release(first);
        Assert.Equal(2, Land(2).Version);
    }

    [Fact]
    public void Blocks_out_of_order_and_versions_that_go_back_are_refused()
    {
        Assert.Contains("instead of block 0", Refused(4, 1), StringComparison.Ordinal);
        using var other = new VersionSlots(_layout);
        Land(4);
        Assert.Contains("after version 4", Refused(4, 0), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(-1, 64)]
    [InlineData(99, 64)]
    public void A_block_that_the_model_has_not_is_refused(int block, int bytes)
    {
        Assert.True(_slots.Place(Key(0, block), bytes, out string? refusal) is null);
        Assert.Contains("which the model has not", refusal, StringComparison.Ordinal);
    }

    private HeldVersion Land(long version)
    {
        HeldVersion? held = null;
        foreach (ParameterBlock block in _layout.Blocks)
        {
            Assert.Null(held);
            float* place = _slots.Place(Key(version, block.Index), block.Length * sizeof(float), out string? refusal);
            Assert.True(place is not null, refusal);
            place[block.Length - 1] = version;
            BlockArrival arrival = _slots.Arrived(Key(version, block.Index), out held);
            Assert.Equal(block.Index == _layout.Blocks.Count - 1, arrival == BlockArrival.Complete);
        }
        return held!;
    }

    private string Refused(long version, int block)
    {
        Assert.True(_slots.Place(Key(version, block), _layout.Blocks[block].Length * sizeof(float), out string? refusal) is null);
        return refusal!;
    }

    private static ParameterBlockKey Key(long version, int block) => new(new RunId(1), 1, version, block, 9);
}
