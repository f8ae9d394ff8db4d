namespace Lockstep.Engine.Parameters;

/// <summary>
/// What a run of numbers in the flat buffer is to the update. All of them belong to the committed state of a step: they travel with a version, are
/// summed over leaves as a gradient is, and are saved. Blocks hold numbers of one role alone.
/// </summary>
public enum ParameterRole
{
    /// <summary>Trained by the optimizer.</summary>
    Trained = 0,

    /// <summary>
    /// A running statistic r of a layer: each leaf brings its own statistic times its number of samples, and r ← (1 − m)·r + m·Σ/samples. Saved with the model.
    /// </summary>
    RunningStatistic = 1,

    /// <summary>
    /// State of a lane that goes on from chunk to chunk, [lanes, width]: each leaf brings its own lanes' rows and +0 elsewhere, and the sum takes the place of
    /// what was. Saved beside the model.
    /// </summary>
    CarriedState = 2,
}
