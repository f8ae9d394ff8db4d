using System.Numerics;
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

    public override bool Update(UpdateRun run, double rate, long step)
    {
        var decay = new Vector<float>(spec.WeightDecay);
        var rates = new Vector<float>((float)rate);
        var momentum = new Vector<float>(spec.Momentum);
        var largest = new Vector<float>(float.MaxValue);
        var finite = Vector<int>.AllBitsSet;
        float* velocity = _hasMomentum ? (float*)run.State[0] + run.Offset : null;
        for (int i = 0; i < run.Count; i += Vector<float>.Count)
        {
            Vector<float> w = Vector.Load(run.Parameters + i);
            Vector<float> change = Vector.Load(run.Gradient + i) + (decay * w);
            if (velocity is not null)
            {
                Vector<float> v = (momentum * Vector.Load(velocity + i)) + change;
                Vector.Store(v, velocity + i);
                change = spec.Nesterov ? change + (momentum * v) : v;
            }
            w -= rates * change;
            if (run.Streams)
                Vector.StoreAlignedNonTemporal(w, run.NewParameters + i);
            else
                Vector.Store(w, run.NewParameters + i);
            finite &= Vector.LessThanOrEqual(Vector.Abs(w), largest);
        }
        // An infinite or undefined velocity makes its parameter so too, so the parameters tell for both.
        return Vector.EqualsAll(finite, Vector<int>.AllBitsSet);
    }
}
