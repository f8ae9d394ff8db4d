namespace Lockstep.Engine.Models;

/// <summary>Where the state that a pass begins with comes from.</summary>
public enum StateSource
{
    /// <summary>It is +0, or what the batch gives as <see cref="Batch.InitialStates"/>.</summary>
    Start = 0,

    /// <summary>It is the committed state of the lanes, which lies beside the parameters.</summary>
    Committed = 1,

    /// <summary>It is what the pass before this one carried out, over the same samples: an evaluation goes on, or text is generated.</summary>
    Previous = 2,
}

/// <summary>Which stretch of its sequences a pass sees: a chunk of truncated backpropagation through time (Williams and Peng 1990).</summary>
/// <param name="Start">The first step of the sequences that is seen, from 0.</param>
/// <param name="Steps">T, how many steps are seen.</param>
/// <param name="LossFrom">The first of these steps that has a loss; those before it only bring the state up to date.</param>
/// <param name="CarryAt">After how many of these steps the state is the one that is carried on, 0 to T.</param>
/// <param name="State">Where the state before the first step comes from.</param>
public readonly record struct SequenceWindow(int Start, int Steps, int LossFrom, int CarryAt, StateSource State);
