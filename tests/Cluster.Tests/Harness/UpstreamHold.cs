namespace Lockstep.Cluster.Tests.Harness;

/// <summary>A place in what a worker sends at which everything stands still until the test has done what it wants to do there.</summary>
/// <param name="at">Bytes that go through before.</param>
public sealed class UpstreamHold(long at)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _fate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Bytes that go through before.</summary>
    public long At { get; } = at;

    internal Task<bool> Fate => _fate.Task;

    /// <summary>Comes when exactly <see cref="At"/> bytes have gone through and there is more to send.</summary>
    public async Task ReachedAsync()
    {
        try
        {
            await _reached.Task.WaitAsync(Bounds.Event);
        }
        catch (TimeoutException e)
        {
            throw new HarnessException($"The worker has not sent {At} bytes within {Bounds.Event}.", e);
        }
    }

    /// <summary>Lets the bytes go on.</summary>
    public void Release() => _fate.TrySetResult(true);

    /// <summary>Cuts the connection off there: the next byte never arrives.</summary>
    public void Cut() => _fate.TrySetResult(false);

    internal void Reach() => _reached.TrySetResult();
}
