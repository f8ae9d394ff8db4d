using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Screen;

/// <summary>An observer that shows the run to a person; disposing it shows what is left, the summary last.</summary>
public interface IRunScreen : IRunObserver, IAsyncDisposable;
