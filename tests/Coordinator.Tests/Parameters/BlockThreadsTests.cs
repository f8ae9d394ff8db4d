using System.Collections.Concurrent;
using Lockstep.Coordinator.Parameters;

namespace Lockstep.Coordinator.Tests.Parameters;

public sealed class BlockThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_block_has_its_work_done_in_the_order_in_which_it_was_posted(int count)
    {
        const int Blocks = 7, Rounds = 300;
        var done = new ConcurrentDictionary<int, List<BlockWork>>(Enumerable.Range(0, Blocks).Select(block => KeyValuePair.Create(block, new List<BlockWork>())));
        using var threads = new BlockThreads(count, task => done[task.Block].Add(task.Work));
        BlockWork[] works = Enum.GetValues<BlockWork>();
        for (int round = 0; round < Rounds; round++)
        {
            for (int block = 0; block < Blocks; block++)
                threads.Post(new BlockTask(works[(round + block) % works.Length], block));
        }
        threads.Drain();
        Assert.All(done, block => Assert.Equal(Enumerable.Range(0, Rounds).Select(round => works[(round + block.Key) % works.Length]), block.Value));
    }

    [Fact]
    public void Blocks_of_different_threads_are_done_beside_each_other()
    {
        using var meeting = new Barrier(2);
        using var threads = new BlockThreads(2, _ => Assert.True(meeting.SignalAndWait(TimeSpan.FromSeconds(30)), "The other thread did not come."));
        threads.Post(new BlockTask(BlockWork.Settle, 0));
        threads.Post(new BlockTask(BlockWork.Settle, 1));
        threads.Drain();
    }

    [Fact]
    public void A_block_that_is_not_the_threads_is_done_by_whoever_posts_it_in_the_same_order()
    {
        var done = new ConcurrentDictionary<int, List<(BlockWork Work, int Thread)>>(Enumerable.Range(0, 4).Select(block => KeyValuePair.Create(block, new List<(BlockWork, int)>())));
        using var threads = new BlockThreads(2, task => done[task.Block].Add((task.Work, Environment.CurrentManagedThreadId)), block => block < 2);
        Assert.False(threads.AreCallers);
        threads.Hold();
        BlockWork[] works = [BlockWork.Add, BlockWork.Return, BlockWork.Settle, BlockWork.Apply];
        foreach (BlockWork work in works)
        {
            for (int block = 0; block < 4; block++)
                threads.Post(new BlockTask(work, block));
        }
        Assert.All([2, 3], block => Assert.Equal(works.Select(work => (work, Environment.CurrentManagedThreadId)), done[block]));
        threads.LetGo();
        threads.Drain();
        Assert.All([0, 1], block => Assert.Equal(works, done[block].Select(entry => entry.Work)));
        Assert.All([0, 1], block => Assert.DoesNotContain(done[block], entry => entry.Thread == Environment.CurrentManagedThreadId));
    }

    [Fact]
    public void What_a_block_throws_comes_to_whoever_waits_and_nothing_is_done_after_it()
    {
        int done = 0;
        using var threads = new BlockThreads(2, task =>
        {
            if (task.Work == BlockWork.Apply)
                throw new InvalidOperationException("broken block");
            Interlocked.Increment(ref done);
        });
        threads.Post(new BlockTask(BlockWork.Settle, 1));
        threads.Post(new BlockTask(BlockWork.Apply, 1));
        threads.Post(new BlockTask(BlockWork.Settle, 1));
        Assert.Equal("broken block", Assert.Throws<InvalidOperationException>(threads.Drain).Message);
        Assert.Equal(1, done);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_held_is_done_once_it_is_let_go(int count)
    {
        foreach (int tasks in new[] { 1, 5, 200 })
        {
            using var left = new CountdownEvent(tasks);
            using var threads = new BlockThreads(count, _ => left.Signal());
            threads.Hold();
            for (int block = 0; block < tasks; block++)
                threads.Post(new BlockTask(BlockWork.Settle, block));
            threads.LetGo();
            Assert.True(left.Wait(TimeSpan.FromSeconds(30)), $"{left.CurrentCount} of {tasks} tasks were not done.");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_held_is_done_for_whoever_waits(int count)
    {
        int done = 0;
        using var threads = new BlockThreads(count, _ => Interlocked.Increment(ref done));
        threads.Hold();
        threads.Post(new BlockTask(BlockWork.Settle, 0));
        threads.Post(new BlockTask(BlockWork.Settle, 1));
        threads.Drain();
        Assert.Equal(2, done);
        threads.LetGo();
    }

    [Fact]
    public void What_was_posted_is_done_before_the_threads_end()
    {
        int done = 0;
        var threads = new BlockThreads(3, _ => Interlocked.Increment(ref done));
        for (int block = 0; block < 1000; block++)
            threads.Post(new BlockTask(BlockWork.Return, block));
        threads.Dispose();
        Assert.Equal(1000, done);
    }
}
