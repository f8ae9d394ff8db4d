using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers;

/// <summary>yᵢ = exp(xᵢ − max)/Σⱼ exp(xⱼ − max) over the last axis; ∂L/∂xᵢ = yᵢ·(∂L/∂yᵢ − Σⱼ yⱼ·∂L/∂yⱼ).</summary>
/// <remarks>Exponentials are float32, sums float64, added in the order of the axis. Rows are shared out among the threads.</remarks>
public sealed unsafe class SoftmaxLayer : Layer, ISteppedLayer
{
    // Below this a fork and join of the threads costs more than it saves.
    private const long NumbersWorthSharing = 4_096;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="name">Its own name, or null to go by its index.</param>
    /// <param name="input">At least one axis.</param>
    /// <exception cref="ShapeException">The input has no axis.</exception>
    public SoftmaxLayer(int index, string? name, Shape input)
        : base(index, name, "softmax", input, input)
    {
        if (input.Rank == 0)
            throw new ShapeException(ToString(), "number of axes", "at least 1", "0", "Put a dense layer before it.");
    }

    public override bool KeepsSteps => true;

    private int Columns => Input[Input.Rank - 1];

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var job = new ForwardJob { Rows = Rows(pass), Columns = Columns, Input = input, Output = output };
        if (job.Rows * job.Columns < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            pass.Crew.Run(ref job);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        if (inputGradient is null)
            return;
        var job = new BackwardJob { Rows = Rows(pass), Columns = Columns, Output = output, OutputGradient = outputGradient, InputGradient = inputGradient };
        if (job.Rows * job.Columns < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            pass.Crew.Run(ref job);
    }

    public void ForwardStep(Pass pass, LayerContext context, float* input, float* output, int step)
    {
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            long at = ((long)sample * pass.LengthOf(Input)) + ((long)step * Columns);
            new ForwardJob { Rows = 1, Columns = Columns, Input = input + at, Output = output + at }.Execute(0, 1);
        }
    }

    public void BackwardStep(Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient, int step)
    {
        for (int sample = 0; sample < pass.Samples && inputGradient is not null; sample++)
        {
            long at = ((long)sample * pass.LengthOf(Input)) + ((long)step * Columns);
            new BackwardJob { Rows = 1, Columns = Columns, Output = output + at, OutputGradient = outputGradient + at, InputGradient = inputGradient + at }.Execute(0, 1);
        }
    }

    public void SumGradients(Pass pass, LayerContext context, float* input, float* outputGradient)
    {
    }

    private long Rows(Pass pass) => (long)pass.Samples * (pass.LengthOf(Input) / Columns);

    private struct ForwardJob : ICrewJob
    {
        public long Rows;
        public int Columns;
        public float* Input;
        public float* Output;

        public readonly void Execute(int member, int members)
        {
            for (long row = Rows * member / members; row < Rows * (member + 1) / members; row++)
            {
                float* x = Input + (row * Columns);
                float* y = Output + (row * Columns);
                // A NaN never is the largest, and needs not be: its own difference stays NaN and so makes the sum NaN.
                float largest = VectorMath.Max(x, Columns);
                for (int i = 0; i < Columns; i++)
                    y[i] = x[i] - largest;
                VectorMath.Exp(y, y, Columns);
                double sum = 0;
                for (int i = 0; i < Columns; i++)
                    sum += y[i];
                VectorMath.Divide(y, Columns, (float)sum);
            }
        }
    }

    private struct BackwardJob : ICrewJob
    {
        public long Rows;
        public int Columns;
        public float* Output;
        public float* OutputGradient;
        public float* InputGradient;

        public readonly void Execute(int member, int members)
        {
            for (long row = Rows * member / members; row < Rows * (member + 1) / members; row++)
            {
                float* y = Output + (row * Columns);
                float* dy = OutputGradient + (row * Columns);
                float* dx = InputGradient + (row * Columns);
                double mean = 0;
                for (int i = 0; i < Columns; i++)
                    mean += (double)y[i] * dy[i];
                for (int i = 0; i < Columns; i++)
                    dx[i] = (float)(y[i] * (dy[i] - mean));
            }
        }
    }
}
