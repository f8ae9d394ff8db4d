using System.Collections.Immutable;
using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Screen;

/// <summary>Everything that a watcher of a run shows, as a pure function of the events so far. Its size does not grow with the run.</summary>
public sealed record RunProgress
{
    /// <summary>How many notices are kept.</summary>
    public const int KeptNotices = 6;

    public static RunProgress Nothing { get; } = new();

    public RunStarted? Run { get; init; }

    public CoordinatorListening? Listening { get; init; }

    /// <summary>Set while the run waits for workers.</summary>
    public WaitingForWorkers? Waiting { get; init; }

    /// <summary>The newest step; null before the first.</summary>
    public StepCompleted? Step { get; init; }

    public ThroughputMeter Throughput { get; init; }

    public Evaluated? Evaluation { get; init; }

    public CheckpointWritten? Checkpoint { get; init; }

    public IReadOnlyList<WorkerStatus> Workers { get; init; } = [];

    /// <summary>The newest warnings and changes of workers, oldest first.</summary>
    public ImmutableQueue<string> Notices { get; init; } = [];

    public RunEnded? End { get; init; }

    /// <summary>Steps that the model has had, those before a resumption included.</summary>
    public long StepsDone => Step is { } step ? step.Step + 1 : Run?.FirstStep ?? 0;

    /// <summary>Finished part of the run, 0 to 1.</summary>
    public double Fraction => Run is { TotalSteps: > 0 } run ? Math.Clamp((double)StepsDone / run.TotalSteps, 0, 1) : 0;

    /// <summary>Steps done within the present epoch, 0 to <see cref="RunStarted.StepsPerEpoch"/>.</summary>
    public long StepsInEpoch => (Run, Step) switch
    {
        ({ StepsPerEpoch: > 0 } run, { } step) => step.Step + 1 - (step.Epoch * run.StepsPerEpoch),
        ({ StepsPerEpoch: > 0 } run, null) => run.FirstStep % run.StepsPerEpoch,
        _ => 0,
    };

    /// <summary>The present epoch, from 0.</summary>
    public long Epoch => Step?.Epoch ?? (Run is { StepsPerEpoch: > 0 } run ? run.FirstStep / run.StepsPerEpoch : 0);

    /// <summary>Epochs of the whole run.</summary>
    public long Epochs => Run is { StepsPerEpoch: > 0 } run ? (run.TotalSteps + run.StepsPerEpoch - 1) / run.StepsPerEpoch : 0;

    /// <summary>Time left at the present speed; null where it is not known.</summary>
    public TimeSpan? TimeLeft
    {
        get
        {
            if (Run is not { } run || Throughput.SecondsPerStep is not { } seconds)
                return null;
            double left = Math.Max(0, run.TotalSteps - StepsDone) * seconds;
            return left < TimeSpan.FromDays(1000).TotalSeconds ? TimeSpan.FromSeconds(left) : null;
        }
    }

    /// <summary>The state after one more event.</summary>
    public RunProgress After(RunEvent runEvent) => runEvent switch
    {
        RunStarted run => this with { Run = run },
        CoordinatorListening listening => this with { Listening = listening },
        WaitingForWorkers waiting => this with { Waiting = waiting },
        // The step after a wait contains the wait: it says nothing about the speed.
        StepCompleted step => this with
        {
            Step = step,
            Waiting = null,
            Throughput = Waiting is null ? Throughput.After(step.Samples, step.Seconds) : Throughput,
        },
        Evaluated evaluation => this with { Evaluation = evaluation },
        CheckpointWritten checkpoint => this with { Checkpoint = checkpoint },
        WorkersChanged change => (this with { Workers = change.Workers }).Noting(change.Reason),
        RunWarning warning => Noting("warning: " + warning.Text),
        RunNotice notice => Noting(notice.Text),
        StandingBy standing => Noting(Wording.Standing(standing)),
        RunEnded end => this with { End = end, Waiting = null },
        _ => this,
    };

    private RunProgress Noting(string notice)
    {
        ImmutableQueue<string> notices = Notices.Enqueue(notice);
        while (notices.Count() > KeptNotices)
            notices = notices.Dequeue();
        return this with { Notices = notices };
    }
}
