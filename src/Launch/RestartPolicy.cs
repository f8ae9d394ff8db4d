using System.Globalization;

namespace Lockstep.Launch;

/// <summary>What to do after a worker process has ended.</summary>
public abstract record RestartDecision
{
    /// <summary>Start another one after a pause.</summary>
    public sealed record Restart(TimeSpan After) : RestartDecision;

    /// <summary>Leave the place empty.</summary>
    public sealed record GiveUp(string Reason) : RestartDecision;
}

/// <summary>When a crashed worker is started again: a pure function of how it ended and of the restarts so far.</summary>
/// <remarks>
/// The pause doubles with every restart inside <see cref="Window"/>: a worker that crashes once is back at once, one that crashes
/// whenever it starts does not keep the machine busy with starting it. A worker that has lived longer than the window begins anew.
/// </remarks>
public sealed record RestartPolicy
{
    /// <summary>Restarts allowed inside <see cref="Window"/>; 0 restarts nothing. Default 5.</summary>
    public int MaximumRestarts { get; init; } = 5;

    /// <summary>How long a restart counts. Default one minute.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The pause before the first restart. Default 0.25 s.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause. Default 10 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Decides.</summary>
    /// <param name="end">How the process ended.</param>
    /// <param name="restarts">Times of this place's restarts so far, on a clock that only goes forward.</param>
    /// <param name="now">The present on the same clock.</param>
    public RestartDecision Decide(ProcessEnd end, IReadOnlyList<TimeSpan> restarts, TimeSpan now)
    {
        if (end.Kind != ProcessEndKind.Crashed)
            return new RestartDecision.GiveUp(end.Meaning);
        int recent = restarts.Count(at => now - at < Window);
        if (recent >= MaximumRestarts)
            return new RestartDecision.GiveUp(string.Create(CultureInfo.InvariantCulture,
                $"{end.Meaning}; {recent} restarts within {Window.TotalSeconds:0.#} s did not help, so it is not started again"));
        double pause = FirstPause.TotalSeconds * Math.ScaleB(1.0, Math.Min(recent, 30));
        return new RestartDecision.Restart(TimeSpan.FromSeconds(Math.Min(pause, LongestPause.TotalSeconds)));
    }
}
