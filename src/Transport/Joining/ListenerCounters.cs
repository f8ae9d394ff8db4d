namespace Lockstep.Transport.Joining;

/// <summary>Who came to a listener; may be read at any time from any thread.</summary>
public sealed class ListenerCounters
{
    private readonly long[] _faults = new long[Enum.GetValues<JoinFault>().Length];
    private readonly long[] _refusals = new long[Enum.GetValues<RefusalCode>().Length];
    private long _accepted, _admitted, _acceptFailures;

    /// <summary>Connections taken from the operating system.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Handshakes that led to a connection.</summary>
    public long Admitted => Interlocked.Read(ref _admitted);

    /// <summary>Times that the operating system could not hand a connection over, as when file handles ran out.</summary>
    public long AcceptFailures => Interlocked.Read(ref _acceptFailures);

    /// <summary>Those who did not get in, by what went wrong.</summary>
    public long TurnedAway(JoinFault fault) => Interlocked.Read(ref _faults[(int)fault]);

    /// <summary>Those who were refused, by the answer.</summary>
    public long Refused(RefusalCode code) => Interlocked.Read(ref _refusals[(int)code]);

    internal void CountAccepted() => Interlocked.Increment(ref _accepted);

    internal void CountAdmitted() => Interlocked.Increment(ref _admitted);

    internal void CountAcceptFailure() => Interlocked.Increment(ref _acceptFailures);

    internal void Count(JoinFault fault, RefusalCode refusal)
    {
        Interlocked.Increment(ref _faults[(int)fault]);
        if (refusal != RefusalCode.None)
            Interlocked.Increment(ref _refusals[(int)refusal]);
    }
}
