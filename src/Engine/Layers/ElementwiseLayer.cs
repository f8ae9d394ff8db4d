using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers;

/// <summary>
/// A function of each number alone, whose derivative can be had from its result. The numbers are shared out among the
/// threads in runs: which thread computes one cannot change it.
/// </summary>
public abstract unsafe class ElementwiseLayer : Layer, ISteppedLayer
{
    // Below this a fork and join of the threads costs more than it saves.
    private const long NumbersWorthSharing = 16_384;

    private protected ElementwiseLayer(int index, string? name, string kind, Shape input)
        : base(index, name, kind, input, input)
    {
    }

    public override bool KeepsSteps => true;

    public override bool WorksInPlace => true;

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var job = new ForwardJob { Layer = this, Input = input, Output = output, Count = (long)pass.Samples * pass.LengthOf(Input) };
        Run(pass.Crew, ref job, job.Count);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        if (inputGradient is null)
            return;
        var job = new BackwardJob
        {
            Layer = this,
            Output = output,
            OutputGradient = outputGradient,
            InputGradient = inputGradient,
            Count = (long)pass.Samples * pass.LengthOf(Input),
        };
        Run(pass.Crew, ref job, job.Count);
    }

    public void ForwardStep(Pass pass, LayerContext context, float* input, float* output, int step)
    {
        (int width, int length) = (Input.Length / Input[0], pass.LengthOf(Input));
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            long at = ((long)sample * length) + ((long)step * width);
            Apply(input + at, output + at, width);
        }
    }

    public void BackwardStep(Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient, int step)
    {
        (int width, int length) = (Input.Length / Input[0], pass.LengthOf(Input));
        for (int sample = 0; sample < pass.Samples && inputGradient is not null; sample++)
        {
            long at = ((long)sample * length) + ((long)step * width);
            ApplyDerivative(output + at, outputGradient + at, inputGradient + at, width);
        }
    }

    public void SumGradients(Pass pass, LayerContext context, float* input, float* outputGradient)
    {
    }

    /// <summary>output[i] = f(input[i]); both may be the same.</summary>
    private protected abstract void Apply(float* input, float* output, long count);

    /// <summary>inputGradient[i] = f′·outputGradient[i], with f′ as a function of output[i]; both gradients may be the same.</summary>
    private protected abstract void ApplyDerivative(float* output, float* outputGradient, float* inputGradient, long count);

    private static void Run<TJob>(ComputeCrew crew, ref TJob job, long count)
        where TJob : struct, ICrewJob
    {
        if (count < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            crew.Run(ref job);
    }

    // Runs begin at whole cache lines, so that no two threads write to one.
    private static (long Start, long Count) Share(int member, int members, long count)
    {
        long lines = (count + 15) / 16;
        long start = lines * member / members * 16;
        long end = Math.Min(count, lines * (member + 1) / members * 16);
        return (start, end - start);
    }

    private struct ForwardJob : ICrewJob
    {
        public ElementwiseLayer Layer;
        public float* Input;
        public float* Output;
        public long Count;

        public readonly void Execute(int member, int members)
        {
            (long start, long count) = Share(member, members, Count);
            Layer.Apply(Input + start, Output + start, count);
        }
    }

    private struct BackwardJob : ICrewJob
    {
        public ElementwiseLayer Layer;
        public float* Output;
        public float* OutputGradient;
        public float* InputGradient;
        public long Count;

        public readonly void Execute(int member, int members)
        {
            (long start, long count) = Share(member, members, Count);
            Layer.ApplyDerivative(Output + start, OutputGradient + start, InputGradient + start, count);
        }
    }
}
