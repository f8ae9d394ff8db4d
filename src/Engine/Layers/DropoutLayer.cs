using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers;

/// <summary>
/// y = x·mask/(1 − rate) in training and y = x else (inverted); or y = x·mask in training and y = x·(1 − rate) else (Srivastava et al. 2014).
/// ∂L/∂x is ∂L/∂y times what x was multiplied by.
/// </summary>
/// <remarks>
/// The mask of a number is 1 where its uniform number in [0, 1) is at least the rate, else 0. That is drawn by <see cref="CounterRandom"/> from (seed, the layer's
/// index; step, sample, place in the sample); of sequences [T, D] from (…; epoch and absolute step of the sequence, sample, place in the step), so that
/// a position has the same mask in all windows that see it. A sample is its number in the data set, or its lane.
/// </remarks>
public sealed unsafe class DropoutLayer : Layer, ISteppedLayer
{
    // Numbers that a thread masks at once: their random words fit the first-level cache.
    private const int Run = 2048;

    private readonly float _trainingFactor;
    private readonly float _otherFactor;
    private readonly uint _threshold;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Rate and form.</param>
    /// <param name="input">Any shape.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not from 0 up to, not including, 1.</exception>
    public DropoutLayer(int index, DropoutSpec spec, Shape input)
        : base(index, spec.Name, "dropout", input, input)
    {
        if (!(spec.Rate is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(spec), spec.Rate, $"Layer {ToString()}: the rate is from 0 up to, not including, 1.");
        float kept = 1 - spec.Rate;
        _trainingFactor = spec.Inverted ? 1 / kept : 1;
        _otherFactor = spec.Inverted ? 1 : kept;
        // Of a word its upper 24 bits are the uniform number.
        _threshold = (uint)Math.Ceiling(spec.Rate * (double)(1 << 24)) << 8;
    }

    public override bool KeepsSteps => true;

    /// <summary>In place of what is drawn: whether the number at (sample, absolute step, place in the step) is kept. For tests with given masks.</summary>
    internal Func<int, int, int, bool>? GivenMask { get; set; }

    private int RowLength => Input.Rank == 2 ? Input[1] : Input.Length;

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new DropoutContext((long)maximumSamples * (Input.Length / RowLength), RowLength);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        bool trains = pass.Phase == Phase.Training;
        if (!trains)
        {
            long count = (long)pass.Samples * pass.LengthOf(Input);
            Buffer.MemoryCopy(input, output, count * sizeof(float), count * sizeof(float));
            if (_otherFactor != 1)
                VectorMath.Scale(output, count, _otherFactor);
            return;
        }
        MaskJob job = Job(pass, context, input, output);
        job.Draws = true;
        Execute(pass, ref job);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        if (inputGradient is null)
            return;
        MaskJob job = Job(pass, context, outputGradient, inputGradient);
        Execute(pass, ref job);
    }

    public void ForwardStep(Pass pass, LayerContext context, float* input, float* output, int step)
    {
        if (pass.Phase == Phase.Training)
        {
            MaskJob job = Job(pass, context, input, output, step);
            job.Draws = true;
            Execute(pass, ref job);
            return;
        }
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            long at = (((long)sample * pass.StepsOf(Input)) + step) * RowLength;
            Buffer.MemoryCopy(input + at, output + at, RowLength * sizeof(float), RowLength * sizeof(float));
            if (_otherFactor != 1)
                VectorMath.Scale(output + at, RowLength, _otherFactor);
        }
    }

    public void BackwardStep(Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient, int step)
    {
        if (inputGradient is null)
            return;
        MaskJob job = Job(pass, context, outputGradient, inputGradient, step);
        Execute(pass, ref job);
    }

    public void SumGradients(Pass pass, LayerContext context, float* input, float* outputGradient)
    {
    }

    private MaskJob Job(Pass pass, LayerContext context, float* from, float* to, int step = -1)
    {
        if (pass.Samples > 0 && pass.SampleIds.IsEmpty)
            throw new ArgumentException($"Layer {ToString()} draws its mask by the samples' numbers, and the batch has none. Set Batch.SampleIds.", nameof(pass));
        int rows = Input.Rank == 2 ? pass.StepsOf(Input) : 1;
        return new MaskJob
        {
            Layer = this,
            Pass = pass,
            Context = (DropoutContext)context,
            Random = new CounterRandom(pass.Position.Seed, RandomPurpose.Dropout, (uint)Index),
            RowsOfSample = rows,
            OnlyStep = step,
            Runs = (RowLength + Run - 1) / Run,
            Factor = _trainingFactor,
            From = from,
            To = to,
        };
    }

    private static void Execute(Pass pass, ref MaskJob job)
    {
        if ((long)pass.Samples * (job.OnlyStep < 0 ? job.RowsOfSample : 1) * job.Layer.RowLength < Run)
            job.Execute(0, 1);
        else
            pass.Crew.Run(ref job);
    }

    private struct MaskJob : ICrewJob
    {
        public DropoutLayer Layer;
        public Pass Pass;
        public DropoutContext Context;
        public CounterRandom Random;
        public int RowsOfSample;
        public int OnlyStep;
        public int Runs;
        public bool Draws;
        public float Factor;
        public float* From;
        public float* To;

        public readonly void Execute(int member, int members)
        {
            int length = Layer.RowLength;
            uint* words = stackalloc uint[Run];
            WorkRange part = WorkRange.Of((long)Pass.Samples * (OnlyStep < 0 ? RowsOfSample : 1) * Runs, member, members);
            for (long item = part.Start; item < part.End; item++)
            {
                long row = OnlyStep < 0 ? item / Runs : (item / Runs * RowsOfSample) + OnlyStep;
                int first = (int)(item % Runs) * Run;
                int count = Math.Min(Run, length - first);
                byte* bits = Context.Row(row) + (first / 8);
                if (Draws)
                    Draw(row, first, count, words, bits);
                KeepBits.Apply(bits, Factor, From + (row * length) + first, To + (row * length) + first, count);
            }
        }

        private readonly void Draw(long row, int first, int count, uint* words, byte* bits)
        {
            int sample = (int)(row / RowsOfSample);
            int step = Layer.Input.Rank == 2 ? Pass.FirstStep + (int)(row % RowsOfSample) : 0;
            uint id = (uint)Pass.SampleIds[sample];
            if (Layer.GivenMask is { } given)
            {
                for (int i = 0; i < count; i++)
                    words[i] = given((int)id, step, first + i) ? uint.MaxValue : 0;
                KeepBits.Draw(words, 1, bits, count);
                return;
            }
            ulong major = Layer.Input.Rank == 2 ? ((ulong)Pass.Position.Epoch << 32) | (uint)step : (ulong)Pass.Position.Step;
            Random.Fill(major, id, (uint)first / 4, words, (count + 3) / 4);
            KeepBits.Draw(words, Layer._threshold, bits, count);
        }
    }
}
