using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Failures;

/// <summary>
/// Tells a broken worker from a broken job. Pure: it is told of failures and answers with the reason to give the job up,
/// or null where the others can go on.
/// </summary>
public sealed class FailurePolicy
{
    /// <summary>Deaths without a word, one after another on one step, after which the step is held to be deadly.</summary>
    public const int DeathsPerStep = 3;

    /// <summary>Deaths within this time of the first are one event: a machine with several workers, or a user who killed them all.</summary>
    public static readonly TimeSpan OneEvent = TimeSpan.FromSeconds(2);

    private readonly List<(long Step, TreeNode Node, string Worker, string Message)> _thrown = [];
    private long? _deathStep;
    private int _deaths;
    private TimeSpan _eventBegan;

    /// <summary>A worker's computation threw.</summary>
    /// <returns>Why the job fails: leaves of this step have thrown on another worker before; else null.</returns>
    public string? Threw(long step, TreeNode node, string worker, string message)
    {
        _thrown.RemoveAll(failure => failure.Step < step);
        (long Step, TreeNode Node, string Worker, string Message)? first = _thrown
            .Where(failure => failure.Step == step && failure.Worker != worker && (failure.Node.Contains(node) || node.Contains(failure.Node)))
            .Select(failure => ((long, TreeNode, string, string)?)failure)
            .FirstOrDefault();
        _thrown.Add((step, node, worker, message));
        return first is { } other
            ? $"step {step}, {node} failed on two workers, so the job is at fault and not a machine: on {worker}: {message}; on {other.Worker}: {other.Message}"
            : null;
    }

    /// <summary>A worker died without saying why.</summary>
    /// <param name="step">The step that was present.</param>
    /// <param name="worker">Who it was.</param>
    /// <param name="at">When, on a clock that only goes forward.</param>
    /// <returns>Why the job fails: this step has killed workers again and again; else null.</returns>
    public string? Died(long step, string worker, TimeSpan at)
    {
        // An event is as long from its first death on, so that a step which kills one worker after another does not pass for one.
        if (step != _deathStep)
            (_deathStep, _deaths, _eventBegan) = (step, 1, at);
        else if (at - _eventBegan > OneEvent)
            (_deaths, _eventBegan) = (_deaths + 1, at);
        return _deaths >= DeathsPerStep
            ? $"workers died {_deaths} times in a row on step {step}, the last one {worker}, and no step was finished in between: look at their logs, and at the memory of their machines"
            : null;
    }
}
