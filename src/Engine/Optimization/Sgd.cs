using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// Stochastic gradient descent as PyTorch has it, with g ← g + λ·w for weight decay: w ← w − rate·g; with momentum m
/// v ← m·v + g, w ← w − rate·v, and with Nesterov's w ← w − rate·(g + m·v) (Sutskever et al. 2013, section 2, with the
/// rate outside v, so that a changed rate acts at once).
/// </summary>
internal sealed unsafe class Sgd(SgdSpec spec) : Optimizer
{
    private readonly bool _hasMomentum = spec.Momentum != 0;

    public override IReadOnlyList<string> StateNames { get; } = spec.Momentum != 0 ? ["momentum"] : [];

    public override bool Update<TGradient>(ref TGradient gradient, in UpdateRun run, double rate, long step) => _hasMomentum
        ? UpdateLoop.Run(ref gradient, new WithMomentum(spec, (float)rate, run.StateAt(0)), run)
        : UpdateLoop.Run(ref gradient, new Plain(spec.WeightDecay, (float)rate), run);

    private readonly struct Plain(float weightDecay, float rate) : IUpdateFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Next(Vector256<float> w, Vector256<float> g, nint i, ref FiniteCheck finite)
        {
            Vector256<float> next = w - (Vector256.Create(rate) * (g + (Vector256.Create(weightDecay) * w)));
            finite.Look(next);
            return next;
        }
    }

    private readonly struct WithMomentum(SgdSpec spec, float rate, float* velocity) : IUpdateFormula
    {
        private readonly float _weightDecay = spec.WeightDecay;
        private readonly float _momentum = spec.Momentum;
        private readonly bool _nesterov = spec.Nesterov;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Next(Vector256<float> w, Vector256<float> g, nint i, ref FiniteCheck finite)
        {
            var momentum = Vector256.Create(_momentum);
            Vector256<float> change = g + (Vector256.Create(_weightDecay) * w);
            Vector256<float> v = (momentum * Vector256.Load(velocity + i)) + change;
            Vector256.Store(v, velocity + i);
            Vector256<float> next = w - (Vector256.Create(rate) * (_nesterov ? change + (momentum * v) : v));
            // An infinite or undefined velocity makes its parameter so too, so the parameters tell for both.
            finite.Look(next);
            return next;
        }
    }
}
