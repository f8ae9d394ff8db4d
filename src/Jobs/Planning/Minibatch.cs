using Lockstep.Engine.Data.Sampling;
using Lockstep.Engine.Models;

namespace Lockstep.Jobs.Planning;

/// <summary>A run of positions of an epoch: the samples of one step, or of one part of an evaluation.</summary>
/// <param name="Reader">Where its samples are read.</param>
/// <param name="Epoch">The epoch from 0.</param>
/// <param name="Step">The step from 0.</param>
/// <param name="First">Its first position in the epoch.</param>
/// <param name="Count">How many samples.</param>
/// <param name="Window">Which stretch of their sequences; null for all.</param>
public readonly record struct Minibatch(BatchReader Reader, long Epoch, long Step, int First, int Count, SequenceWindow? Window = null);
