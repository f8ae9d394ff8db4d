using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>With g ← g + λ·w: s ← s + g²; w ← w − rate·g/(√s + eps) (Duchi et al. 2011, figure 1), as PyTorch has it.</summary>
internal sealed unsafe class Adagrad(AdagradSpec spec) : Optimizer
{
    public override IReadOnlyList<string> StateNames { get; } = ["sum"];

    public override bool Update<TGradient>(ref TGradient gradient, in UpdateRun run, double rate, long step) =>
        UpdateLoop.Run(ref gradient, new Formula(spec.WeightDecay, (float)rate, spec.Epsilon, run.StateAt(0)), run);

    private readonly struct Formula(float weightDecay, float rate, float epsilon, float* sum) : IUpdateFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Next(Vector256<float> w, Vector256<float> g, nint i, ref FiniteCheck finite)
        {
            g += Vector256.Create(weightDecay) * w;
            Vector256<float> s = Vector256.Load(sum + i) + (g * g);
            Vector256.Store(s, sum + i);
            w -= Vector256.Create(rate) * g / (Vector256.Sqrt(s) + Vector256.Create(epsilon));
            finite.Look(w);
            finite.Look(s);
            return w;
        }
    }
}
