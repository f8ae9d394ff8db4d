using Akka.Actor;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Standbys;
using Lockstep.Coordinator.Succession;
using Lockstep.Coordinator.Terms;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Actors;

/// <content>Standbys: who would take over, what they hold, and whether one of them has.</content>
internal sealed partial class CoordinatorActor
{
    /// <summary>How long the end of a run waits for standbys to have its last checkpoint. 10 s.</summary>
    private static readonly TimeSpan LastCheckpointPatience = TimeSpan.FromSeconds(10);

    private readonly StandbyRoster _standbys = new();
    private readonly HashSet<string> _asked = [];
    private string? _newestCheckpoint;
    private long? _aloneSince;
    private long? _bothSeen;
    private RunEnded? _heldBack;

    private sealed record PeerAnswered(string Endpoint, PeerAnswer Answer);

    private sealed record LastCheckpointOverdue;

    private void Standbys()
    {
        Receive<StandbyGreeted>(greeted => _standbys.Add(greeted.Standby, new StandbyEntry(greeted.Hello, greeted.Connection)));
        Receive<RegisterStandby>(OnRegisterStandby);
        Receive<StandbyReady>(OnStandbyReady);
        Receive<CheckpointHeld>(OnCheckpointHeld);
        Receive<StandbyDisconnected>(OnStandbyDisconnected);
        Receive<PeerAnswered>(OnPeerAnswered);
        Receive<LastCheckpointOverdue>(_ =>
        {
            _reporter.Warn("No standby has the last checkpoint: it is here alone.");
            End(_heldBack!);
        });
    }

    private void OnRegisterStandby(RegisterStandby register)
    {
        if (_standbys.Find(register.Number) is not { } standby || !standby.Is(register.Host, register.ProcessId) || (standby.Actor is { } known && !known.Equals(Sender)))
        {
            Sender.Tell(new WorkerRefused(register.Number, "this standby has no connection on the data plane: join again"));
            return;
        }
        standby.Actor = Sender;
        Sender.Tell(new JobOffered(
            _run.Directory.Run.Value, _term.Term, _run.JobText, _run.JobSha256, _run.Plan.Data.Fingerprint, _run.Options.Source.BaseFolder, _run.Statistics));
        TellSuccession();
    }

    private void OnStandbyReady(StandbyReady ready)
    {
        if (_standbys.Find(ready.Number) is not { Sender: null } standby || !Sender.Equals(standby.Actor) || ready.JobSha256 != _run.JobSha256)
            return;
        standby.Sender = new ReplicaSender(_run.Directory.Run, _run.Directory.Path, standby.Connection, () => _run.Terms.Present.Term, _run.Log);
        if ((_newestCheckpoint ?? _run.NewestCheckpoint) is { } checkpoint)
            standby.Sender.Offer(checkpoint);
        _reporter.Notice($"{standby.Name} stands by at {standby.Endpoint}");
    }

    private void OnCheckpointHeld(CheckpointHeld held)
    {
        if (_standbys.Find(held.Standby) is not { } standby)
            return;
        bool first = standby.Held is null;
        standby.Held = held.Step;
        if (first)
            _reporter.Notice($"{standby.Name} holds the checkpoint after step {held.Step}, and could take over");
        _run.Log.Information("The checkpoint of step {Step} is held by standby {Standby}", held.Step, standby.Name);
        EndIfHeld();
    }

    private void OnStandbyDisconnected(StandbyDisconnected gone)
    {
        NoteCompany();
        if (_standbys.Lose(gone.Standby) is not { } standby)
            return;
        standby.Sender?.Dispose();
        string then = _standbys.Present.Count == 0 ? "nobody would take over now" : $"{_standbys.Present.Count} left";
        _reporter.Warn($"The standby {standby.Name} is gone ({gone.Reason.Text}): {then}.");
        TellSuccession();
        AskTheLost();
        EndIfHeld();
    }

    /// <summary>Tells all workers and standbys who would take over.</summary>
    private void TellSuccession()
    {
        var message = new SuccessionChanged(_run.Directory.Run.Value, _term.Term, _run.Succession.Present);
        foreach ((_, WorkerEntry worker) in _roster.Present())
            worker.Actor?.Tell(message);
        foreach (StandbyEntry standby in _standbys.Present)
            standby.Actor?.Tell(message);
    }

    private void OfferToStandbys(WrittenCheckpoint written)
    {
        _newestCheckpoint = written.Path;
        foreach (StandbyEntry standby in _standbys.Present)
            standby.Sender?.Offer(written.Path);
    }

    /// <summary>Ends the run once the standbys have its last checkpoint, or have gone, or take too long.</summary>
    private void EndWhenHeld(RunEnded ended)
    {
        if (ended.Outcome == RunOutcome.Failed || _standbys.AllHold(ended.Steps))
        {
            End(ended);
            return;
        }
        _heldBack = ended;
        Timers.StartSingleTimer("last checkpoint", new LastCheckpointOverdue(), LastCheckpointPatience);
    }

    private void EndIfHeld()
    {
        if (_heldBack is { } ended && _standbys.AllHold(ended.Steps))
            End(ended);
    }

    // A coordinator that was paused finds all its connections ended: it asks at once.
    private void AskTheLost()
    {
        foreach (string endpoint in _standbys.Lost.Where(_asked.Add).ToList())
            _run.Ask(endpoint).PipeTo(Self, success: answer => new PeerAnswered(endpoint, answer), failure: _ => new PeerAnswered(endpoint, PeerAnswer.Unknown));
    }

    private void OnPeerAnswered(PeerAnswered answered)
    {
        _asked.Remove(answered.Endpoint);
        _standbys.Answered(answered.Endpoint, answered.Answer);
        if (answered.Answer is { State: PeerState.Leads, Welcome: { } welcome } && welcome.Run == _run.Directory.Run.Value && TermRule.IsSuperseded(_term, new CoordinatorTerm(welcome.Term, welcome.CoordinatorId)))
            StandDown($"the coordinator at {answered.Endpoint} has taken over at term {welcome.Term}; this one led at term {_term.Term}");
    }

    /// <summary>Comes every two seconds: asks those that were lost, and looks whether this coordinator is the one that is cut off.</summary>
    private void WatchStandbys()
    {
        AskTheLost();
        NoteCompany();
        TimeSpan? alone = _aloneSince is { } since ? _run.Time.GetElapsedTime(since) : null;
        bool together = _bothSeen is { } both && _aloneSince is { } begun && _run.Time.GetElapsedTime(both, begun) < CutOffRule.Patience;
        if (CutOffRule.MustStandDown(alone, together, _standbys.Lost.Count > 0))
            StandDown("all workers and standbys are out of reach: this machine is cut off, and the others go on without it");
    }

    private void NoteCompany()
    {
        bool workers = _roster.Present().Count > 0, standbys = _standbys.Present.Count > 0;
        if (workers && standbys)
            _bothSeen = _run.Time.GetTimestamp();
        _aloneSince = workers || standbys ? null : _aloneSince ?? _run.Time.GetTimestamp();
    }

    /// <summary>Another coordinator leads: workers and standbys are not dismissed but sent to look for it.</summary>
    private void StandDown(string explanation)
    {
        foreach ((_, WorkerEntry worker) in _roster.Present())
            worker.Connection.Close(explanation);
        foreach (StandbyEntry standby in _standbys.Present)
            standby.Connection.Close(explanation);
        EndHere(new RunEnded(RunOutcome.Superseded, _step, _reporter.LastMetrics, null, null, null, explanation));
    }

    private void DisposeOfStandbys()
    {
        foreach (StandbyEntry standby in _standbys.Present)
        {
            standby.Connection.Dispose();
            standby.Sender?.Dispose();
        }
    }
}
