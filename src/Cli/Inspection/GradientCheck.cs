using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>One parameter's gradient, or the inputs', against differences of the loss.</summary>
/// <param name="Layer">The layer's name and kind.</param>
/// <param name="Name">The parameter; <c>inputs</c> for the inputs.</param>
/// <param name="Count">How many numbers it has.</param>
/// <param name="Error">The largest relative error of a probe; NaN where there was nothing to compare.</param>
/// <param name="Remark">Why there was nothing to compare.</param>
internal sealed record GradientFinding(string Layer, string Name, long Count, double Error, string? Remark = null)
{
    /// <summary>Whether every probe agreed.</summary>
    public bool Agrees => Remark is not null || Error <= GradientCheck.Tolerance;
}

/// <summary>
/// Compares gradients with central differences (L(w + h·u) − L(w − h·u))/2h along directions u, a parameter at a time, with the masks and statistics of training.
/// </summary>
/// <remarks>
/// The engine computes in float32, so a single weight's difference drowns in rounding. A direction that moves all weights of a parameter together has a difference that is
/// hundreds of times larger. Half of the probes go along the gradient itself, cut to a random half of its places, so that a gradient in the wrong places is found too; the others
/// along random signs, which see places whose gradient is missing. A difference errs by h² (curvature, kinks) and by 1/h (rounding), so each probe is made with steps from 1/8 to
/// 1/8192 of the weights' size, and the best counts: a right gradient agrees at some step, a wrong one at none.
/// </remarks>
internal sealed unsafe class GradientCheck : IDisposable
{
    /// <summary>
    /// The largest relative error that passes. The best central difference in float32 has about 2⁻¹⁶ of the loss's scale; a probe along random signs is some hundred times
    /// smaller than the loss, which leaves 10⁻³ in practice. A wrong factor, a missing term or a transposed weight shows as 0.1 and more.
    /// </summary>
    public const double Tolerance = 0.02;

    private const int Probes = 3;
    private const int FewestSamples = 16;
    private const int StepSizes = 6;

    // A loss moves by so much of itself without any cause, rounding. A slope that this would hide at the largest step is too flat to be wrong by a share of itself.
    private const double Rounding = 1.0 / (1 << 21);

    private readonly TrainingPlan _plan;
    private readonly ComputeCrew _crew;
    private readonly Replica _replica;
    private readonly MinibatchLoader _loader;
    private readonly FloatBuffer _parameters;
    private readonly FloatBuffer _gradient;
    private readonly FloatBuffer _inputGradient;
    private readonly TreeNode[] _nodes;
    private readonly Minibatch _minibatch;
    private readonly Batch _batch;
    private long _version;

    /// <param name="plan">The job with its data.</param>
    /// <param name="parameters">The parameters to check at; they stay the caller's.</param>
    /// <param name="threads">Compute threads.</param>
    public GradientCheck(TrainingPlan plan, FloatBuffer parameters, int threads)
    {
        _plan = plan;
        _crew = new ComputeCrew(threads);
        _replica = plan.CreateReplica(_crew);
        _loader = new MinibatchLoader(plan);
        _parameters = new FloatBuffer(parameters.Length);
        Buffer.MemoryCopy(parameters.Pointer, _parameters.Pointer, parameters.Length * sizeof(float), parameters.Length * sizeof(float));
        _gradient = new FloatBuffer(parameters.Length);
        _minibatch = plan.MinibatchAt(0);
        int leaves = 1;
        while (leaves < plan.Shards && SumTree.NodeSamples(new TreeNode(0, leaves), plan.Shards, _minibatch.Count).End < FewestSamples)
            leaves *= 2;
        _nodes = [new TreeNode(0, leaves)];
        _batch = _loader.Load(_minibatch, _nodes);
        _inputGradient = new FloatBuffer((long)_batch.Count * plan.Network.Input.Length);
    }

    /// <summary>Changes the gradient, given its address, before it is compared: for tests that the check sees mistakes.</summary>
    internal Action<nint>? Spoil { get; set; }

    /// <summary>Samples that are looked at.</summary>
    public int Samples => _batch.Count;

    /// <summary>Checks every parameter, and the inputs.</summary>
    public IEnumerable<GradientFinding> Run()
    {
        Differentiate();
        foreach (Layer layer in _plan.Network.Layers)
        {
            foreach (ParameterView parameter in _plan.Network.ParametersOf(layer.Index))
            {
                if (parameter.Role == ParameterRole.Trained)
                    yield return Check(layer, parameter);
            }
        }
        yield return CheckInputs();
    }

    public void Dispose()
    {
        _replica.Dispose();
        _loader.Dispose();
        _crew.Dispose();
        _parameters.Dispose();
        _gradient.Dispose();
        _inputGradient.Dispose();
    }

    private GradientFinding Check(Layer layer, ParameterView parameter)
    {
        string name = parameter.Name[(layer.Name.Length + 1)..];
        if (parameter.Frozen)
            return new GradientFinding(layer.ToString(), name, parameter.Length, double.NaN, "frozen");
        if (HasSignAfter(layer.Index))
            return new GradientFinding(layer.ToString(), name, parameter.Length, double.NaN, "a sign has no derivative");
        return Probed(
            layer, name, parameter.Length, _parameters.Pointer + parameter.Offset, _gradient.Pointer + parameter.Offset, (uint)(parameter.Offset / ParameterLayout.Alignment) + 1);
    }

    private GradientFinding CheckInputs()
    {
        Layer first = _plan.Network.Layers[0];
        long count = (long)_batch.Count * (_plan.Network.Input.Length / (_batch.Window is null ? 1 : _plan.Network.Input[0]) * (_batch.Window?.Steps ?? 1));
        if (first is EmbeddingLayer)
            return new GradientFinding(first.ToString(), "inputs", count, double.NaN, "tokens have no derivative");
        if (HasSignAfter(0))
            return new GradientFinding(first.ToString(), "inputs", count, double.NaN, "a sign has no derivative");
        return Probed(first, "inputs", count, _batch.Inputs, _inputGradient.Pointer, 0);
    }

    private bool HasSignAfter(int layer) => _plan.Network.Layers.Skip(layer).Any(later => later is PerceptronLayer);

    private GradientFinding Probed(Layer layer, string name, long count, float* numbers, float* gradient, uint key)
    {
        double error = Probe(numbers, gradient, count, key, out bool isFlat);
        return isFlat && error <= Tolerance
            ? new GradientFinding(layer.ToString(), name, count, double.NaN, "flat: rounding hides such slopes")
            : new GradientFinding(layer.ToString(), name, count, error);
    }

    private double Probe(float* numbers, float* gradient, long count, uint key, out bool isFlat)
    {
        isFlat = false;
        float[] kept = new ReadOnlySpan<float>(numbers, checked((int)count)).ToArray();
        double size = Math.Sqrt(kept.Sum(w => (double)w * w) / count);
        if (size == 0)
            size = 1.0 / 16;
        var random = new CounterRandom(_plan.Job.Seed, RandomPurpose.Sampling, key);
        double worst = 0;
        for (int probe = 0; probe < 2 * Probes; probe++)
        {
            double[] direction = Direction(gradient, count, random, (uint)probe);
            double analytic = 0;
            for (long i = 0; i < count; i++)
                analytic += direction[i] * gradient[i];
            double best = double.PositiveInfinity, resolution = 0;
            for (int k = 0; k < StepSizes; k++)
            {
                // The direction has a mean square of 1, so the step is in proportion to the numbers themselves.
                double step = size / (8 << (2 * k));
                double found = Difference(numbers, kept, direction, step, out double loss);
                if (k == 0)
                    resolution = Rounding * loss / (2 * step);
                double scale = Math.Max(Math.Max(Math.Abs(found), Math.Abs(analytic)), Typical(gradient, count));
                double error = Math.Abs(found - analytic);
                bool isHidden = error <= resolution && Tolerance * scale <= resolution;
                isFlat |= isHidden;
                best = Math.Min(best, isHidden ? 0 : error / scale);
            }
            worst = Math.Max(worst, best);
        }
        return worst;
    }

    // What a probe along random signs gives by chance: the gradient's norm.
    private static double Typical(float* gradient, long count)
    {
        double squares = 0;
        for (long i = 0; i < count; i++)
            squares += (double)gradient[i] * gradient[i];
        return Math.Sqrt(squares);
    }

    private static double[] Direction(float* gradient, long count, CounterRandom random, uint probe)
    {
        double[] direction = new double[count];
        double squares = 0;
        for (long i = 0; i < count; i++)
        {
            bool heads = (random.Bits(probe, (uint)(i >> 32), (uint)i) & 1) != 0;
            direction[i] = probe % 2 == 0 ? heads ? gradient[i] : 0 : heads ? 1 : -1;
            squares += direction[i] * direction[i];
        }
        // A gradient of nothing but zeros, or all of whose places were left out, is probed along all places.
        if (squares == 0)
        {
            Array.Fill(direction, 1);
            return direction;
        }
        double scale = Math.Sqrt(count / squares);
        for (long i = 0; i < count; i++)
            direction[i] *= scale;
        return direction;
    }

    private double Difference(float* numbers, float[] kept, double[] direction, double step, out double loss)
    {
        for (int i = 0; i < kept.Length; i++)
            numbers[i] = (float)(kept[i] + (step * direction[i]));
        double above = Loss();
        for (int i = 0; i < kept.Length; i++)
            numbers[i] = (float)(kept[i] - (step * direction[i]));
        double below = Loss();
        kept.CopyTo(new Span<float>(numbers, kept.Length));
        loss = Math.Max(Math.Abs(above), Math.Abs(below));
        return (above - below) / (2 * step);
    }

    private double Loss()
    {
        var sums = new RootSums(_replica.Sums);
        _replica.UseParameters(_parameters.Pointer, _version++);
        _replica.TrainingLoss(_nodes, _plan.Shards, _minibatch.Count, _batch, sums);
        return sums.Total[StepSums.Loss];
    }

    private void Differentiate()
    {
        _replica.UseParameters(_parameters.Pointer, _version++);
        _replica.Train(
            _nodes, _plan.Shards, _minibatch.Count, _batch, [(nint)_gradient.Pointer], new RootSums(_replica.Sums), CancellationToken.None, _inputGradient.Pointer);
        Spoil?.Invoke((nint)_gradient.Pointer);
    }
}
