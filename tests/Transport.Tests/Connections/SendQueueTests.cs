using CsCheck;
using Lockstep.Transport.Connections;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed class SendQueueTests
{
    private enum Step
    {
        Enqueue,
        Dequeue,
        Remove,
    }

    [Fact]
    public void It_behaves_as_a_list_from_which_the_first_older_one_is_taken() =>
        Gen.Select(Gen.Enum<Step>(), Gen.ULong[0, 5]).Array[0, 60].Sample(steps =>
        {
            var queue = new SendQueue(5);
            var model = new List<(ulong Epoch, ulong State)>();
            ulong next = 0;
            foreach ((Step step, ulong epoch) in steps)
            {
                switch (step)
                {
                    case Step.Enqueue when !queue.IsFull:
                        queue.Enqueue(new OutgoingFrame { Epoch = epoch, State = next });
                        model.Add((epoch, next++));
                        break;
                    case Step.Dequeue when model.Count > 0:
                        Assert.Equal(model[0].State, queue.Dequeue().State);
                        model.RemoveAt(0);
                        break;
                    case Step.Remove:
                        int index = model.FindIndex(f => f.Epoch < epoch);
                        Assert.Equal(index >= 0, queue.HasOlder(epoch));
                        Assert.Equal(index >= 0, queue.TryRemoveOlder(epoch, out OutgoingFrame removed));
                        if (index >= 0)
                        {
                            Assert.Equal(model[index].State, removed.State);
                            model.RemoveAt(index);
                        }
                        break;
                }
                Assert.Equal(model.Count, queue.Count);
                Assert.Equal(model.Count == 5, queue.IsFull);
            }
        });

    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(1_000)]
    public void It_grows_to_its_capacity_and_keeps_the_order(int capacity)
    {
        var queue = new SendQueue(capacity);
        ulong next = 0, first = 0;
        // The oldest frame wanders round the ring while it grows.
        while (!queue.IsFull)
        {
            queue.Enqueue(new OutgoingFrame { Epoch = next++ });
            if (next % 3 == 0)
                Assert.Equal(first++, queue.Dequeue().Epoch);
        }
        Assert.Equal(capacity, queue.Count);
        Assert.Throws<InvalidOperationException>(() => queue.Enqueue(default));
        for (; queue.Count > 0; first++)
            Assert.Equal(first, queue.Dequeue().Epoch);
        Assert.Equal(next, first);
        Assert.Throws<InvalidOperationException>(() => queue.Dequeue());
    }
}
