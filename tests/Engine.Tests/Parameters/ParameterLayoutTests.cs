using CsCheck;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Tests.Parameters;

public sealed class ParameterLayoutTests
{
    // Layers with none to three parameters, small ones and ones that need several blocks.
    private static readonly Gen<ParameterLayout> Layouts =
        Gen.OneOf(Gen.Int[1, 40], Gen.Int[1, 70_000], Gen.Int[60_000, 300_000]).Array[0, 3].Array[0, 12].Select(layers =>
            new ParameterLayout(layers.SelectMany((lengths, layer) =>
                lengths.Select((length, i) => new ParameterView($"{layer}.{i}", layer, [length], -1, i > 0)))));

    [Fact]
    public void Parameters_are_aligned_and_do_not_overlap() => Layouts.Sample(layout =>
    {
        long end = 0;
        foreach (ParameterView parameter in layout.Parameters)
        {
            Assert.Equal(0, parameter.Offset % ParameterLayout.Alignment);
            Assert.InRange(parameter.Offset - end, 0, ParameterLayout.Alignment - 1);
            end = parameter.Offset + parameter.Length;
        }
        Assert.InRange(layout.Length - end, 0, ParameterLayout.Alignment - 1);
        Assert.Equal(layout.Parameters.Sum(parameter => parameter.Length), layout.ParameterCount);
    });

    [Fact]
    public void Blocks_cover_the_buffer_without_gaps() => Layouts.Sample(layout =>
    {
        long end = 0;
        for (int i = 0; i < layout.Blocks.Count; i++)
        {
            ParameterBlock block = layout.Blocks[i];
            Assert.Equal(i, block.Index);
            Assert.Equal(end, block.Offset);
            Assert.Equal(0, block.Offset % ParameterLayout.Alignment);
            Assert.InRange(block.Length, 1, ParameterLayout.MaximumBlockLength);
            end += block.Length;
        }
        Assert.Equal(layout.Length, end);
    });

    [Fact]
    public void Buckets_cover_the_blocks_and_no_block_spans_two() => Layouts.Sample(layout =>
    {
        int next = 0;
        for (int i = 0; i < layout.Buckets.Count; i++)
        {
            GradientBucket bucket = layout.Buckets[i];
            Assert.Equal(i, bucket.Index);
            Assert.Equal(next, bucket.FirstBlock);
            Assert.True(bucket.BlockCount > 0);
            Assert.All(layout.Blocks.Skip(bucket.FirstBlock).Take(bucket.BlockCount), block => Assert.Equal(i, block.Bucket));
            next += bucket.BlockCount;
        }
        Assert.Equal(layout.Blocks.Count, next);
    });

    [Fact]
    public void A_bucket_holds_whole_layers_from_its_first() => Layouts.Sample(layout =>
    {
        foreach (GradientBucket bucket in layout.Buckets)
        {
            long start = layout.Blocks[bucket.FirstBlock].Offset;
            ParameterBlock last = layout.Blocks[bucket.FirstBlock + bucket.BlockCount - 1];
            ParameterView[] held = [.. layout.Parameters.Where(parameter => parameter.Offset >= start && parameter.Offset < last.Offset + last.Length)];
            Assert.Equal(start, held[0].Offset);
            Assert.Equal(bucket.FirstLayer, held[0].Layer);
            Assert.All(layout.Parameters.Except(held), other => Assert.DoesNotContain(held, parameter => parameter.Layer == other.Layer));
        }
    });

    [Fact]
    public void Only_the_first_bucket_may_be_smaller_than_a_block() => Layouts.Sample(layout =>
    {
        foreach (GradientBucket bucket in layout.Buckets.Skip(1))
        {
            long length = layout.Blocks.Skip(bucket.FirstBlock).Take(bucket.BlockCount).Sum(block => (long)block.Length);
            Assert.True(length >= ParameterLayout.MaximumBlockLength);
        }
    });

    [Fact]
    public void A_place_in_the_buffer_is_found_and_padding_is_nobodys()
    {
        var layout = new ParameterLayout([Parameter("0.weight", 0, 3, 5), Parameter("0.bias", 0, 3)]);
        Assert.Equal("0.weight", layout.At(14)!.Name);
        Assert.Null(layout.At(15));
        Assert.Equal("0.bias", layout.At(16)!.Name);
        Assert.Null(layout.At(19));
        Assert.Null(layout.At(32));
        Assert.Equal(16, layout["0.bias"].Offset);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        var layout = new ParameterLayout([Parameter("0.weight", 0, 3, 5)]);
        Assert.Contains("0.weight", Assert.Throws<KeyNotFoundException>(() => layout["weight"]).Message);
    }

    [Fact]
    public void Two_parameters_of_one_name_are_refused() =>
        Assert.Throws<ArgumentException>(() => new ParameterLayout([Parameter("a", 0, 3), Parameter("a", 1, 3)]));

    [Fact]
    public void Layers_out_of_order_are_refused() =>
        Assert.Throws<ArgumentException>(() => new ParameterLayout([Parameter("a", 1, 3), Parameter("b", 0, 3)]));

    [Fact]
    public void A_network_without_parameters_has_an_empty_layout()
    {
        var layout = new ParameterLayout([]);
        Assert.Equal(0, layout.Length);
        Assert.Empty(layout.Blocks);
        Assert.Empty(layout.Buckets);
    }

    private static ParameterView Parameter(string name, int layer, params int[] shape) => new(name, layer, shape, 0, false);
}
