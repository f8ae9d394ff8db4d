namespace Lockstep.Engine.Layers;

/// <summary>What a pass is for: dropout and batch normalization are not the same in all of them.</summary>
public enum Phase
{
    /// <summary>Forward and backward.</summary>
    Training = 0,

    /// <summary>Forward, with loss and metrics.</summary>
    Evaluation = 1,

    /// <summary>Forward alone.</summary>
    Prediction = 2,
}
