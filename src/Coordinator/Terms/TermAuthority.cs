using Lockstep.Coordinator.Running;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Terms;

/// <summary>What became of a term that a worker spoke of.</summary>
public enum TermAnswer
{
    /// <summary>The present term stands above it.</summary>
    Stands = 0,

    /// <summary>The present term was raised above it; whoever joined at the old one must join again.</summary>
    Raised = 1,

    /// <summary>Training has begun, so somebody else leads: this coordinator must stop.</summary>
    MustStop = 2,

    /// <summary>No coordinator can have led at that term: the claim is refused and changes nothing.</summary>
    Impossible = 3,
}

/// <summary>
/// Holds the coordinator's term. Until the first view it may still rise above what registering workers have seen; every
/// rise is synced to disk before anybody is told. Safe for many threads.
/// </summary>
public sealed class TermAuthority
{
    private readonly Lock _lock = new();
    private readonly RunDirectory _directory;
    private bool _sealed;

    public TermAuthority(RunDirectory directory)
    {
        _directory = directory;
        Present = new CoordinatorTerm(TermRule.Next(directory.RecordedTerm, []), Guid.NewGuid());
        directory.Record(Present.Term);
    }

    /// <summary>The term that this coordinator leads at.</summary>
    public CoordinatorTerm Present { get; private set; }

    /// <summary>A worker has seen a term of this run.</summary>
    public TermAnswer Hear(long known)
    {
        lock (_lock)
        {
            // A worker that comes back has seen the present term from this very coordinator.
            if (!TermRule.MustStop(Present, known))
                return TermAnswer.Stands;
            // Nothing can follow the highest term, so nobody was ever given it: such a claim neither raises nor stops anything.
            if (known >= TermRule.Highest)
                return TermAnswer.Impossible;
            if (_sealed)
                return TermAnswer.MustStop;
            Present = Present with { Term = TermRule.Next(_directory.RecordedTerm, [known]) };
            _directory.Record(Present.Term);
            return TermAnswer.Raised;
        }
    }

    /// <summary>Training begins: the term is fixed.</summary>
    public CoordinatorTerm Seal()
    {
        lock (_lock)
        {
            _sealed = true;
            return Present;
        }
    }
}
