using Lockstep.Transport.Connections;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed class SendQueueTests
{
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
