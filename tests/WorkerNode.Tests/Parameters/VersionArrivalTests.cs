using Lockstep.WorkerNode.Parameters;

namespace Lockstep.WorkerNode.Tests.Parameters;

public sealed class VersionArrivalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly VersionArrival _arrival = new(TimeProvider.System);

    [Fact]
    public void What_has_landed_is_not_waited_for()
    {
        _arrival.Landed(3);
        _arrival.Await(2, new CancellationToken(canceled: true));
        Assert.Equal(TimeSpan.Zero, _arrival.Waited);
    }

    [Fact]
    public async Task The_engine_waits_for_the_block_that_it_reads_and_for_none_after_it()
    {
        var clock = new AskedClock();
        var arrival = new VersionArrival(clock);
        Task waiting = Task.Factory.StartNew(() => arrival.Await(1, CancellationToken.None), TaskCreationOptions.LongRunning);
        await clock.Asked.WaitAsync(Patience);
        arrival.Landed(1);
        Assert.False(waiting.IsCompleted);
        arrival.Landed(2);
        await waiting.WaitAsync(Patience);
        Assert.Equal(TimeSpan.FromSeconds(1), arrival.Waited);
    }

    [Fact]
    public async Task A_version_that_will_never_be_whole_is_waited_for_until_it_is_cancelled()
    {
        using var superseded = new CancellationTokenSource();
        Task waiting = Task.Factory.StartNew(() => _arrival.Await(0, superseded.Token), TaskCreationOptions.LongRunning);
        await superseded.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
    }

    /// <summary>A clock that says when it is first asked, and on which a second passes between two questions.</summary>
    private sealed class AskedClock : TimeProvider
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _seconds;

        public Task Asked => _asked.Task;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp()
        {
            _asked.TrySetResult();
            return _seconds++;
        }
    }
}
