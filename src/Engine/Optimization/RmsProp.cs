using System.Numerics;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// With g ← g + λ·w: s ← α·s + (1 − α)·g²; w ← w − rate·g/(√s + eps) (Tieleman and Hinton 2012, lecture 6e), as PyTorch has it.
/// </summary>
internal sealed unsafe class RmsProp(RmsPropSpec spec) : Optimizer
{
    public override IReadOnlyList<string> StateNames { get; } = ["square_average"];

    public override bool Update(UpdateRun run, double rate, long step)
    {
        var decay = new Vector<float>(spec.WeightDecay);
        var rates = new Vector<float>((float)rate);
        var epsilon = new Vector<float>(spec.Epsilon);
        var kept = new Vector<float>((float)spec.Alpha);
        var taken = new Vector<float>((float)(1 - spec.Alpha));
        float* average = (float*)run.State[0] + run.Offset;
        var finite = new FiniteCheck();
        for (int i = 0; i < run.Count; i += Vector<float>.Count)
        {
            Vector<float> w = Vector.Load(run.Parameters + i);
            Vector<float> g = Vector.Load(run.Gradient + i) + (decay * w);
            Vector<float> s = (kept * Vector.Load(average + i)) + (taken * (g * g));
            Vector.Store(s, average + i);
            w -= rates * g / (Vector.SquareRoot(s) + epsilon);
            Vector.Store(w, run.NewParameters + i);
            finite.Look(w);
            finite.Look(s);
        }
        return finite.Passed;
    }
}
