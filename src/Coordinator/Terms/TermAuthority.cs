using Lockstep.Coordinator.Running;
using Lockstep.Protocol;
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
    private readonly Action<long> _record;
    private bool _sealed;

    public TermAuthority(RunDirectory directory)
        : this(directory.RecordedTerm, directory.Record, Guid.NewGuid())
    {
    }

    /// <param name="recorded">The highest term in the run directory.</param>
    /// <param name="record">Records a term there, synced to disk.</param>
    /// <param name="coordinator">This coordinator's identity.</param>
    internal TermAuthority(long recorded, Action<long> record, Guid coordinator)
    {
        _record = record;
        Present = Recorded(new CoordinatorTerm(TermRule.Next(recorded, []), coordinator));
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
            if (_sealed && Safety.Holds(SafetyRule.FixTermAtStart))
                return TermAnswer.MustStop;
            Present = Recorded(Present with { Term = TermRule.Next(Present.Term, [known]) });
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

    // On disk before it is told to anybody.
    private CoordinatorTerm Recorded(CoordinatorTerm term)
    {
        if (Safety.Holds(SafetyRule.RecordTermFirst))
            _record(term.Term);
        return term;
    }
}
