using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Sampling;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Randomness;

namespace Lockstep.Engine.Tests.Data;

public sealed unsafe class SamplingTests
{
    [Fact]
    public void Without_shuffling_every_epoch_is_the_files_order()
    {
        var order = new EpochOrder(1, 10, shuffle: false);
        Assert.Equal(Enumerable.Range(0, 10), Enumerable.Range(0, 10).Select(position => order.SampleAt(3, position)));
    }

    [Fact]
    public void A_shuffled_epoch_has_every_sample_once_and_depends_on_seed_and_epoch_alone()
    {
        var order = new EpochOrder(7, 1_000, shuffle: true);
        List<int> Epoch(EpochOrder asked, long epoch) => [.. Enumerable.Range(0, 1_000).Select(position => asked.SampleAt(epoch, position))];
        List<int> third = Epoch(order, 3);
        Assert.Equal(Enumerable.Range(0, 1_000), third.Order());
        Assert.Equal(Permutation.OfEpoch(7, 3, 1_000), third);
        List<int> fourth = Epoch(order, 4);
        Assert.NotEqual(third, fourth);
        Assert.Equal(third, Epoch(order, 3));
        Assert.Equal(fourth, Epoch(new EpochOrder(7, 1_000, shuffle: true), 4));
        Assert.NotEqual(third, Epoch(new EpochOrder(8, 1_000, shuffle: true), 3));
    }

    [Fact]
    public void Positions_outside_an_epoch_are_refused()
    {
        var order = new EpochOrder(1, 10, shuffle: true);
        Assert.Throws<ArgumentOutOfRangeException>(() => order.SampleAt(0, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => order.SampleAt(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => order.SampleAt(-1, 0));
    }

    [Fact]
    public void A_run_of_positions_is_gathered_transformed_and_with_its_classes()
    {
        DataSet data = DataSets.Digits().Training;
        TransformPipeline transforms = TransformPipeline.Fit([new ScaleTransform(0.25f)], data);
        var order = new EpochOrder(5, data.Count, shuffle: true);
        var reader = new BatchReader(data, transforms, order);
        const int Count = 300, First = 100;
        using var inputs = new FloatBuffer(Count * 64);
        int[] classes = new int[Count];
        fixed (int* pointer = classes)
            reader.ReadClasses(2, First, Count, inputs.Pointer, pointer);
        for (int i = 0; i < Count; i++)
        {
            int sample = order.SampleAt(2, First + i);
            Assert.Equal(data.ClassOf(sample), classes[i]);
            Assert.Equal(data.Input(sample).Select(value => value * 0.25f), inputs.Slice(i * 64, 64).ToArray());
        }
    }

    [Fact]
    public void Reading_allocates_nothing_once_the_epoch_has_begun()
    {
        DataSet data = DataSets.Digits().Training;
        var reader = new BatchReader(data, TransformPipeline.Fit([new StandardizeTransform()], data), new EpochOrder(5, data.Count, shuffle: true));
        using var inputs = new FloatBuffer(128 * 64);
        int* classes = stackalloc int[128];
        reader.ReadClasses(0, 0, 128, inputs.Pointer, classes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 10; step++)
            reader.ReadClasses(0, step * 128, 128, inputs.Pointer, classes);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        DataSet data = DataSets.Digits().Training;
        TransformPipeline transforms = TransformPipeline.Fit([], data);
        Assert.Throws<ArgumentException>(() => new BatchReader(data, transforms, new EpochOrder(1, data.Count - 1, shuffle: true)));
    }
}
