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
        Task waiting = Task.Factory.StartNew(() => _arrival.Await(1, CancellationToken.None), TaskCreationOptions.LongRunning);
        _arrival.Landed(1);
        Assert.False(waiting.IsCompleted);
        _arrival.Landed(2);
        await waiting.WaitAsync(Patience);
        Assert.True(_arrival.Waited >= TimeSpan.Zero);
    }

    [Fact]
    public async Task A_version_that_will_never_be_whole_is_waited_for_until_it_is_cancelled()
    {
        using var superseded = new CancellationTokenSource();
        Task waiting = Task.Factory.StartNew(() => _arrival.Await(0, superseded.Token), TaskCreationOptions.LongRunning);
        await superseded.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
    }
}
