using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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

    public override bool Update<TGradient>(ref TGradient gradient, in UpdateRun run, double rate, long step)
    {
        float corrected = (float)(rate / (1 - ScalarMath.Pow(spec.Beta1, step + 1)));
        float rootScale = (float)(1 / Math.Sqrt(1 - ScalarMath.Pow(spec.Beta2, step + 1)));
        return UpdateLoop.Run(ref gradient, new Formula(spec, corrected, rootScale, run.StateAt(0), run.StateAt(1)), run);
    }

    private readonly struct Formula(AdamSpec spec, float rate, float rootScale, float* average, float* squareAverage) : IUpdateFormula
    {
        private readonly float _weightDecay = spec.WeightDecay;
        private readonly float _epsilon = spec.Epsilon;
        private readonly float _kept = (float)spec.Beta1;
        private readonly float _taken = (float)(1 - spec.Beta1);
        private readonly float _squareKept = (float)spec.Beta2;
        private readonly float _squareTaken = (float)(1 - spec.Beta2);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Next(Vector256<float> w, Vector256<float> g, nint i, ref FiniteCheck finite)
        {
            g += Vector256.Create(_weightDecay) * w;
            Vector256<float> m = (Vector256.Create(_kept) * Vector256.Load(average + i)) + (Vector256.Create(_taken) * g);
            Vector256<float> s = (Vector256.Create(_squareKept) * Vector256.Load(squareAverage + i)) + (Vector256.Create(_squareTaken) * (g * g));
            Vector256.Store(m, average + i);
            Vector256.Store(s, squareAverage + i);
            w -= Vector256.Create(rate) * m / ((Vector256.Create(rootScale) * Vector256.Sqrt(s)) + Vector256.Create(_epsilon));
            finite.Look(w);
            finite.Look(s);
            return w;
        }
    }
}
