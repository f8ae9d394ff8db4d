using Lockstep.Launch;

namespace Lockstep.Chaos.Tests.Runs;

/// <summary>Starts processes and remembers which.</summary>
internal sealed class RecordingStarter : IProcessStarter
{
    private readonly SystemProcessStarter _system = new();
    private readonly List<Task<int>> _ends = [];

    public int Started => _ends.Count;

    public int Running => _ends.Count(end => !end.IsCompleted);

    public IStartedProcess Start(ProcessRequest request)
    {
        IStartedProcess process = _system.Start(request);
        _ends.Add(process.Ended);
        return process;
    }
}
