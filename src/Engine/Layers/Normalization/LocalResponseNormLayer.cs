using Lockstep.Engine.Functions;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Layers.Convolution;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers.Normalization;

/// <summary>
/// y[c] = x[c]/s[c]^beta, s[c] = k + alpha·Σ x[j]² over the channels j from c − ⌊size/2⌋ to c + ⌊size/2⌋ that exist, at the same pixel: x and y
/// [N, C, H, W] (Krizhevsky et al. 2012, section 3.3; alpha is not divided by the size).
/// </summary>
/// <remarks>
/// ∂L/∂x[c] = ∂L/∂y[c]/s[c]^beta − 2·alpha·beta·x[c]·Σ over the same j of ∂L/∂y[j]·y[j]/s[j]. Both sums are added in the order of j. With beta = 0.75
/// the power is made of square roots; any other is float64's exp(beta·ln s), rounded once.
/// </remarks>
public sealed unsafe class LocalResponseNormLayer : Layer
{
    // Below this a fork and join of the threads costs more than it saves.
    private const long NumbersWorthSharing = 4_096;

    private readonly LocalResponseNormSpec _spec;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">The constants.</param>
    /// <param name="input">[C, H, W].</param>
    /// <exception cref="ShapeException">The input is no image.</exception>
    public LocalResponseNormLayer(int index, LocalResponseNormSpec spec, Shape input)
        : base(index, spec.Name, "localResponseNorm", input, input)
    {
        WindowGeometry.RequireImage(ToString(), input);
        WindowGeometry.Require(ToString(), "size", spec.Size, 1);
        _spec = spec;
    }

    private int Channels => Input[0];

    private int Pixels => Input[1] * Input[2];

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new LocalResponseNormContext((long)maximumSamples * Input.Length);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var job = new ForwardJob { Layer = this, Samples = pass.Samples, Input = input, Output = output, Sums = ((LocalResponseNormContext)context).Sums };
        Run(pass, ref job);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        if (inputGradient is null)
            return;
        var job = new BackwardJob
        {
            Layer = this,
            Crew = pass.Crew,
            Samples = pass.Samples,
            Input = input,
            Output = output,
            Sums = ((LocalResponseNormContext)context).Sums,
            OutputGradient = outputGradient,
            InputGradient = inputGradient,
        };
        if ((long)pass.Samples * Input.Length < NumbersWorthSharing)
            pass.Crew.RunAlone(ref job);
        else
            pass.Crew.Run(ref job);
    }

    private void Run(Pass pass, ref ForwardJob job)
    {
        if ((long)pass.Samples * Input.Length < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            pass.Crew.Run(ref job);
    }

    private void Forward(float* x, float* y, float* sums)
    {
        for (int c = 0; c < Channels; c++)
        {
            float* sum = sums + ((long)c * Pixels);
            new Span<float>(sum, Pixels).Clear();
            (int first, int last) = Neighbours(c);
            for (int j = first; j <= last; j++)
                Elementwise.Map(default(AddSquareOperator), x + ((long)j * Pixels), sum, sum, Pixels);
        }
        Elementwise.Map(new ScaleOffsetOperator(_spec.Alpha, _spec.K), sums, sums, Input.Length);
        Power(sums, y);
        Elementwise.Map(default(QuotientOperator), x, y, y, Input.Length);
    }

    /// <param name="x">Input of one sample.</param>
    /// <param name="y">Its output.</param>
    /// <param name="sums">Its sums.</param>
    /// <param name="dy">Its output gradient; overwritten.</param>
    /// <param name="dx">Its input gradient.</param>
    /// <param name="terms">Room for a sample.</param>
    private void Backward(float* x, float* y, float* sums, float* dy, float* dx, float* terms)
    {
        VectorMath.Multiply(dy, y, terms, Input.Length);
        Elementwise.Map(default(QuotientOperator), terms, sums, terms, Input.Length);
        Power(sums, dx);
        Elementwise.Map(default(QuotientOperator), dy, dx, dy, Input.Length);
        for (int c = 0; c < Channels; c++)
        {
            float* sum = dx + ((long)c * Pixels);
            new Span<float>(sum, Pixels).Clear();
            (int first, int last) = Neighbours(c);
            for (int j = first; j <= last; j++)
                VectorMath.Add(sum, terms + ((long)j * Pixels), Pixels);
        }
        VectorMath.Multiply(dx, x, dx, Input.Length);
        VectorMath.MultiplyAdd((float)(-2.0 * _spec.Alpha * _spec.Beta), dx, dy, dx, Input.Length);
    }

    private void Power(float* sums, float* powers)
    {
        if (_spec.Beta == 0.75f)
        {
            Elementwise.Map(default(ThreeQuarterPowerOperator), sums, powers, Input.Length);
            return;
        }
        for (int i = 0; i < Input.Length; i++)
            powers[i] = (float)ScalarMath.Exp(_spec.Beta * ScalarMath.Log(sums[i]));
    }

    private (int First, int Last) Neighbours(int channel) =>
        (Math.Max(0, channel - (_spec.Size / 2)), (int)Math.Min(Channels - 1L, channel + (_spec.Size / 2L)));

    private struct ForwardJob : ICrewJob
    {
        public LocalResponseNormLayer Layer;
        public int Samples;
        public float* Input;
        public float* Output;
        public float* Sums;

        public readonly void Execute(int member, int members)
        {
            WorkRange samples = WorkRange.Of(Samples, member, members);
            for (long at = samples.Start * Layer.Input.Length; at < samples.End * Layer.Input.Length; at += Layer.Input.Length)
                Layer.Forward(Input + at, Output + at, Sums + at);
        }
    }

    private struct BackwardJob : ICrewJob
    {
        public LocalResponseNormLayer Layer;
        public ComputeCrew Crew;
        public int Samples;
        public float* Input;
        public float* Output;
        public float* Sums;
        public float* OutputGradient;
        public float* InputGradient;

        public readonly void Execute(int member, int members)
        {
            WorkRange samples = WorkRange.Of(Samples, member, members);
            float* terms = Crew.MemberScratch(member, Layer.Input.Length);
            for (long at = samples.Start * Layer.Input.Length; at < samples.End * Layer.Input.Length; at += Layer.Input.Length)
                Layer.Backward(Input + at, Output + at, Sums + at, OutputGradient + at, InputGradient + at, terms);
        }
    }
}
