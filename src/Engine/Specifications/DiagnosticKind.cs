namespace Lockstep.Engine.Specifications;

/// <summary>What a training can show of itself beside loss and metrics. None of it changes a number of the training.</summary>
public enum DiagnosticKind
{
    /// <summary>The norm of each layer's gradient, averaged and with its penalties, before clipping.</summary>
    GradientNorms = 0,

    /// <summary>‖w(t + 1) − w(t)‖/‖w(t)‖ of each layer's trained parameters.</summary>
    UpdateRatios = 1,

    /// <summary>Of each relu the share of outputs that are not above zero, and of units that are so for every sample of the minibatch.</summary>
    DeadRelus = 2,

    /// <summary>Of each recurrent layer the norm of ∂L/∂h at every step of the sequence, counted from the last one back.</summary>
    GradientByTime = 3,
}
