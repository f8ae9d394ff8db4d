namespace Lockstep.Jobs;

/// <summary>A job file was refused. Holds every fault that was found, in the order of their places.</summary>
public sealed class JobFaultException : Exception
{
    public JobFaultException(IReadOnlyList<JobFault> faults)
        : base(string.Join('\n', faults)) => Faults = faults;

    public IReadOnlyList<JobFault> Faults { get; }
}
