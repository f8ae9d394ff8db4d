namespace Lockstep.Cluster.Tests.Harness;

/// <summary>A worker process and the gate that it joins through.</summary>
public sealed record WorkerUnderTest(LockstepProcess Process, WorkerGate Gate)
{
    /// <summary>Kills it in the middle of what it sends: the coordinator gets no byte beyond the hold.</summary>
    public async Task KillAtAsync(UpstreamHold hold)
    {
        await hold.ReachedAsync();
        await Process.KillAsync();
        hold.Cut();
    }
}
