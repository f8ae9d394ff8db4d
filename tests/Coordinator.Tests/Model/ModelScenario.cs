using Lockstep.Coordinator.Steps;

namespace Lockstep.Coordinator.Tests.Model;

/// <summary>A small cluster and the trouble that it may meet: each number says how often a kind of trouble may strike, at any moment.</summary>
internal sealed record ModelScenario
{
    public int Workers { get; init; } = 2;

    public int Shards { get; init; } = 2;

    public long Steps { get; init; } = 2;

    public int GradientBlocks { get; init; }

    public int EvaluationMinibatches { get; init; }

    /// <summary>A checkpoint is due after so many steps.</summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>A worker's process ends.</summary>
    public int Crashes { get; init; }

    /// <summary>Whether another process is started for one that ended, even where one is left.</summary>
    public bool Restarts { get; init; }

    /// <summary>A connection breaks between two that live on.</summary>
    public int Disconnects { get; init; }

    /// <summary>A contribution or a view comes twice.</summary>
    public int Duplicates { get; init; }

    /// <summary>A view of a worker's coordinator before comes when it follows another one.</summary>
    public int LateViews { get; init; }

    /// <summary>Whether all workers have joined and have a share when it begins: fewer states, so that there may be more trouble.</summary>
    public bool IsUnderWay { get; init; }

    /// <summary>A message on the control plane is lost for ever.</summary>
    public int LostViews { get; init; }

    /// <summary>The coordinator's machine loses power; the run is resumed from its directory.</summary>
    public int CoordinatorCrashes { get; init; }

    /// <summary>
    /// A standby takes over although the coordinator lives on. Where two do, both may lead at one term: then one stands down, and its workers, whom the other one's term does not
    /// tell apart from its own, end and are started anew.
    /// </summary>
    public int TakeOvers { get; init; }

    /// <summary>Something comes that no healthy worker sends.</summary>
    public int Strays { get; init; }

    /// <summary>A worker that computes the wrong bits does so so often.</summary>
    public int WrongBits { get; init; }

    /// <summary>A frame is damaged on its way.</summary>
    public int Damages { get; init; }

    /// <summary>A worker's speed is measured, or a better balance offered.</summary>
    public int Measurements { get; init; }

    /// <summary>Whether a node may be sent in two halves.</summary>
    public bool Halves { get; init; }

    /// <summary>A place where the model stands for code that no switch reaches: it does it wrongly.</summary>
    public ModelDefect Defect { get; init; }

    public StepChannels Channels => new(GradientBlocks, EvaluationMinibatches);
}

/// <summary>What the model's own code can do wrongly, where the product's has a lock, a disk or a socket.</summary>
internal enum ModelDefect
{
    None = 0,

    /// <summary>Frames are not verified.</summary>
    SkipsFrameChecksums,

    /// <summary>Lines of the step log may lag behind the checkpoint.</summary>
    ChecksPointBeforeLog,

    /// <summary>Two coordinators may lead from one run directory.</summary>
    SharesTheDirectory,
}
