using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.WorkerNode.Parameters;

namespace Lockstep.WorkerNode.Tests.Parameters;

public sealed unsafe class VersionSlotsTests : IDisposable
{
    private readonly ParameterLayout _layout = new([new ParameterView("a.weight", 0, [300, 300], 0, false), new ParameterView("b.weight", 1, [5], 0, false)]);
    private readonly VersionSlots _slots;

    public VersionSlotsTests() => _slots = new VersionSlots(_layout, TimeProvider.System);

    public void Dispose() => _slots.Dispose();

    [Fact]
    public void A_version_is_there_with_its_first_block_and_whole_with_its_last()
    {
        HeldVersion held = Land(3);
        Assert.Equal((3L, 9), (held.Version, held.View));
        Assert.Equal(_layout.Length, held.Buffer!.Length);
        held.Arrival!.Await(_layout.Blocks.Count - 1, CancellationToken.None);
    }

    [Fact]
    public void A_model_of_one_block_comes_as_a_whole()
    {
        var layout = new ParameterLayout([new ParameterView("a.weight", 0, [5], 0, false)]);
        using var slots = new VersionSlots(layout, TimeProvider.System);
        Assert.False(slots.Place(Key(0, 0), layout.Blocks[0].Length * sizeof(float), out _) is null);
        Assert.True(slots.Arrived(Key(0, 0), out HeldVersion? held));
        Assert.Null(held!.Arrival);
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
        using var other = new VersionSlots(_layout, TimeProvider.System);
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
            float* place = _slots.Place(Key(version, block.Index), block.Length * sizeof(float), out string? refusal);
            Assert.True(place is not null, refusal);
            place[block.Length - 1] = version;
            bool isWhole = _slots.Arrived(Key(version, block.Index), out HeldVersion? begun);
            Assert.Equal((block.Index == 0, block.Index == _layout.Blocks.Count - 1), (begun is not null, isWhole));
            held ??= begun;
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
