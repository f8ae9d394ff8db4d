using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// With g ← g + λ·w: s ← α·s + (1 − α)·g²; w ← w − rate·g/(√s + eps) (Tieleman and Hinton 2012, lecture 6e), as PyTorch has it.
/// </summary>
internal sealed unsafe class RmsProp(RmsPropSpec spec) : Optimizer
{
    public override IReadOnlyList<string> StateNames { get; } = ["square_average"];

    public override bool Update<TGradient>(ref TGradient gradient, in UpdateRun run, double rate, long step) =>
        UpdateLoop.Run(ref gradient, new Formula(spec, (float)rate, run.StateAt(0)), run);

    private readonly struct Formula(RmsPropSpec spec, float rate, float* average) : IUpdateFormula
    {
        private readonly float _weightDecay = spec.WeightDecay;
        private readonly float _epsilon = spec.Epsilon;
        private readonly float _kept = (float)spec.Alpha;
        private readonly float _taken = (float)(1 - spec.Alpha);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Next(Vector256<float> w, Vector256<float> g, nint i, ref FiniteCheck finite)
        {
            g += Vector256.Create(_weightDecay) * w;
            Vector256<float> s = (Vector256.Create(_kept) * Vector256.Load(average + i)) + (Vector256.Create(_taken) * (g * g));
            Vector256.Store(s, average + i);
            w -= Vector256.Create(rate) * g / (Vector256.Sqrt(s) + Vector256.Create(_epsilon));
            finite.Look(w);
            finite.Look(s);
            return w;
        }
    }
}
