using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Screen;

/// <summary>Several observers as one. Events may come from several threads (the run, the launched workers); each observer sees one at a time.</summary>
internal sealed class RunObservers(params IRunObserver[] observers) : IRunObserver
{
    private readonly Lock _gate = new();

    public void Observe(RunEvent runEvent)
    {
        lock (_gate)
        {
            foreach (IRunObserver observer in observers)
                observer.Observe(runEvent);
        }
    }
}
