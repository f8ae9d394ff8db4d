using Lockstep.Engine.Models;

namespace Lockstep.Jobs.Planning;

/// <summary>
/// How sequences longer than a chunk are trained: step s of a sequence's training has the loss of <paramref name="Steps"/> new positions, and goes
/// <paramref name="Backward"/> positions back from their end with the present parameters (truncated backpropagation through time, Williams and Peng 1990:
/// BPTT(h; h′) with h = Backward, h′ = Steps). The state before the next window's first position is carried on.
/// </summary>
/// <param name="Length">Positions of a sequence.</param>
/// <param name="Steps">k₁, new positions in each training step.</param>
/// <param name="Backward">k₂ ≥ k₁, positions that gradients go back.</param>
public sealed record ChunkPlan(int Length, int Steps, int Backward)
{
    /// <summary>Training steps that go once through a sequence; the last one may be shorter.</summary>
    public int Chunks => (Length - 1) / Steps + 1;

    /// <summary>The most positions that a window has.</summary>
    public int LongestWindow => Math.Min(Length, Backward);

    /// <summary>The window of one training step.</summary>
    /// <param name="chunk">From 0 to <see cref="Chunks"/> − 1.</param>
    public SequenceWindow Training(int chunk)
    {
        int start = StartOf(chunk);
        int end = (int)Math.Min(Length, ((long)chunk + 1) * Steps);
        // Where the next window begins where this one does, the state before it is carried on as it came.
        int carryAt = Math.Min(StartOf(chunk + 1), end) - start;
        return new SequenceWindow(start, end - start, (chunk * Steps) - start, carryAt, start == 0 ? StateSource.Start : StateSource.Committed);
    }

    /// <summary>The window of one part of an evaluation, which goes straight through a sequence.</summary>
    /// <param name="chunk">From 0 to <see cref="Chunks"/> − 1.</param>
    public SequenceWindow Evaluation(int chunk)
    {
        int start = chunk * Steps, steps = Math.Min(Steps, Length - start);
        return new SequenceWindow(start, steps, 0, steps, chunk == 0 ? StateSource.Start : StateSource.Previous);
    }

    private int StartOf(int chunk) => (int)Math.Max(0, (((long)chunk + 1) * Steps) - Backward);
}
