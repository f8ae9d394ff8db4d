using System.Collections.Concurrent;
using Lockstep.Coordinator.Parameters;
using Xunit;

namespace Lockstep.Coordinator.Tests.Parameters;

public sealed class SerialWorkTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);

    [Fact]
    public void What_many_threads_bring_is_done_once_each_one_at_a_time_and_in_each_threads_order()
    {
        const int threads = 4, each = 20_000;
        int[] next = new int[threads];
        int within = 0;
        var faults = new ConcurrentQueue<string>();
        var work = new SerialWork<(int Thread, int Number)>("work", Do, fault => faults.Enqueue(fault.Message));
        work.Start();

        Thread[] posters = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            // One of them never does it himself.
            for (int i = 0; i < each; i++)
                work.Post((thread, i), here: thread > 0);
        }))];
        foreach (Thread poster in posters)
            poster.Start();
        foreach (Thread poster in posters)
            poster.Join();
        work.Dispose();

        Assert.Empty(faults);
        Assert.All(next, done => Assert.Equal(each, done));

        void Do((int Thread, int Number) item)
        {
            if (Interlocked.Increment(ref within) != 1)
                faults.Enqueue("two at a time");
            if (next[item.Thread]++ != item.Number)
                faults.Enqueue($"thread {item.Thread}: {item.Number} out of turn");
            Interlocked.Decrement(ref within);
        }
    }

    [Fact]
    public void Who_may_does_it_before_his_call_returns_and_nobody_before_the_start()
    {
        var done = new ConcurrentQueue<(int Item, bool IsHere)>();
        Thread here = Thread.CurrentThread;
        using var first = new ManualResetEventSlim();
        using var work = new SerialWork<int>("work", item =>
        {
            done.Enqueue((item, Thread.CurrentThread == here));
            if (item == 0)
                first.Set();
        }, _ => { });
        work.Post(0, here: true);
        Assert.Empty(done);
        work.Start();
        Assert.True(first.Wait(Generous));
        // The thread may not have gone to sleep yet; then it takes this one too.
        Assert.True(SpinWait.SpinUntil(() =>
        {
            work.Post(1, here: true);
            return done.Contains((1, true));
        }, Generous));
        Assert.Equal((0, false), done.First());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_failure_which_is_told_once_nothing_is_taken_or_done(bool here)
    {
        int done = 0;
        var failures = new BlockingCollection<string>();
        using var work = new SerialWork<int>("work", item =>
        {
            done++;
            throw new InvalidOperationException($"item {item}");
        }, fault => failures.Add(fault.Message));
        work.Start();
        work.Post(7, here);
        Assert.True(failures.TryTake(out string? told, Generous));
        Assert.Equal("item 7", told);
        Assert.False(work.Post(8, here));
        work.Dispose();
        Assert.Equal(1, done);
        Assert.Empty(failures);
    }

    [Fact]
    public void Disposing_waits_for_what_another_thread_is_doing_and_for_what_came_before()
    {
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var done = new List<int>();
        var work = new SerialWork<int>("work", item =>
        {
            begun.Set();
            goOn.Wait(Generous);
            done.Add(item);
        }, _ => { });
        work.Start();
        var poster = new Thread(() => work.Post(0, here: true));
        poster.Start();
        Assert.True(begun.Wait(Generous));
        work.Post(1, here: false);
        var disposer = new Thread(work.Dispose);
        disposer.Start();
        Assert.True(SpinWait.SpinUntil(() => !work.Post(2, here: false), Generous));
        Assert.True(disposer.IsAlive);
        goOn.Set();
        Assert.True(disposer.Join(Generous));
        Assert.Equal([0, 1], done.Take(2));
        poster.Join();
    }
}
