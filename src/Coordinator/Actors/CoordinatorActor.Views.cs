using Akka.Actor;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Views;
using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Actors;

/// <content>Views: how workers are told of them, and told again.</content>
internal sealed partial class CoordinatorActor
{
    private long _stepLookedAt = -1;

    private void Tell(ClusterView view)
    {
        ViewPublished message = view.ToMessage(_run.Directory.Run.Value, _term.Term);
        foreach ((_, WorkerEntry worker) in _roster.Present())
        {
            if (worker.Stage is WorkerStage.Receiving or WorkerStage.Computing)
                worker.Actor?.Tell(message);
        }
    }

    /// <summary>
    /// Comes every two seconds: where no step was decided since, a view may have been lost, since the control plane delivers at most once. Whoever has it ignores it.
    /// </summary>
    private void RepeatViews()
    {
        bool stands = _step == _stepLookedAt;
        _stepLookedAt = _step;
        if (!stands || _planner.At(_step) is not { } present)
            return;
        Tell(present);
        if (_planner.Newest is { } newest && newest != present)
            Tell(newest);
    }
}
