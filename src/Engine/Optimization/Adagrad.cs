using System.Numerics;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>With g ← g + λ·w: s ← s + g²; w ← w − rate·g/(√s + eps) (Duchi et al. 2011, figure 1), as PyTorch has it.</summary>
internal sealed unsafe class Adagrad(AdagradSpec spec) : Optimizer
{
    public override IReadOnlyList<string> StateNames { get; } = ["sum"];

    public override bool Update(UpdateRun run, double rate, long step)
    {
        var decay = new Vector<float>(spec.WeightDecay);
        var rates = new Vector<float>((float)rate);
        var epsilon = new Vector<float>(spec.Epsilon);
        float* sum = (float*)run.State[0] + run.Offset;
        var finite = new FiniteCheck();
        for (int i = 0; i < run.Count; i += Vector<float>.Count)
        {
            Vector<float> w = Vector.Load(run.Parameters + i);
            Vector<float> g = Vector.Load(run.Gradient + i) + (decay * w);
            Vector<float> s = Vector.Load(sum + i) + (g * g);
            Vector.Store(s, sum + i);
            w -= rates * g / (Vector.SquareRoot(s) + epsilon);
            Vector.Store(w, run.NewParameters + i);
            finite.Look(w);
            finite.Look(s);
        }
        return finite.Passed;
    }
}
