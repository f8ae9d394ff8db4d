using System.Numerics;
using Lockstep.Engine.Functions;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// With g ← g + λ·w: m ← β₁·m + (1 − β₁)·g; s ← β₂·s + (1 − β₂)·g²; w ← w − rate/(1 − β₁ᵗ)·m/(√s/√(1 − β₂ᵗ) + eps)
/// (Kingma and Ba 2015, algorithm 1), as PyTorch has it.
/// </summary>
/// <remarks>
/// t is the step's number from 1, so a resumed run needs no count of its own; a step that was skipped counts too. The two corrections
/// are float64, and each is rounded once.
/// </remarks>
internal sealed unsafe class Adam(AdamSpec spec) : Optimizer
{
    public override IReadOnlyList<string> StateNames { get; } = ["average", "square_average"];

    public override bool Update(UpdateRun run, double rate, long step)
    {
        var decay = new Vector<float>(spec.WeightDecay);
        var epsilon = new Vector<float>(spec.Epsilon);
        var kept = new Vector<float>((float)spec.Beta1);
        var taken = new Vector<float>((float)(1 - spec.Beta1));
        var squareKept = new Vector<float>((float)spec.Beta2);
        var squareTaken = new Vector<float>((float)(1 - spec.Beta2));
        var rates = new Vector<float>((float)(rate / (1 - ScalarMath.Pow(spec.Beta1, step + 1))));
        var rootScale = new Vector<float>((float)(1 / Math.Sqrt(1 - ScalarMath.Pow(spec.Beta2, step + 1))));
        float* average = (float*)run.State[0] + run.Offset;
        float* squareAverage = (float*)run.State[1] + run.Offset;
        var finite = new FiniteCheck();
        for (int i = 0; i < run.Count; i += Vector<float>.Count)
        {
            Vector<float> w = Vector.Load(run.Parameters + i);
            Vector<float> g = Vector.Load(run.Gradient + i) + (decay * w);
            Vector<float> m = (kept * Vector.Load(average + i)) + (taken * g);
            Vector<float> s = (squareKept * Vector.Load(squareAverage + i)) + (squareTaken * (g * g));
            Vector.Store(m, average + i);
            Vector.Store(s, squareAverage + i);
            w -= rates * m / ((rootScale * Vector.SquareRoot(s)) + epsilon);
            Vector.Store(w, run.NewParameters + i);
            finite.Look(w);
            finite.Look(s);
        }
        return finite.Passed;
    }
}
