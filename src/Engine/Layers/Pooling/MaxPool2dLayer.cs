using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers.Pooling;

/// <summary>
/// y = the largest number of each window. Of equal ones the first in row-major order wins, and takes the gradient; padding never wins, and
/// a NaN does, the first of a window.
/// </summary>
public sealed unsafe class MaxPool2dLayer : PoolingLayer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">The windows.</param>
    /// <param name="input">[C, H, W].</param>
    /// <exception cref="ShapeException">The input is no image, or the windows do not fit.</exception>
    public MaxPool2dLayer(int index, MaxPool2dSpec spec, Shape input)
        : base(index, spec.Name, "maxPool2d", input, spec.Kernel, spec.Stride, spec.Padding)
    {
    }

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new MaxPool2dContext((long)maximumSamples * Output.Length);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var job = new ForwardJob { Layer = this, Pass = pass, Input = input, Output = output, Winners = ((MaxPool2dContext)context).Winners };
        Run(pass, ref job);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        if (inputGradient is null)
            return;
        var job = new BackwardJob { Layer = this, Pass = pass, OutputGradient = outputGradient, InputGradient = inputGradient, Winners = ((MaxPool2dContext)context).Winners };
        Run(pass, ref job);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Forward(float* plane, float* output, int* winners)
    {
        foreach ((int top, int bottom) in RowsOfPlace)
        {
            foreach ((int left, int right) in ColumnsOfPlace)
            {
                int winner = (top * Horizontal.Input) + left;
                float most = plane[winner];
                for (int row = top; row < bottom; row++)
                {
                    for (int pixel = (row * Horizontal.Input) + left, end = pixel + right - left; pixel < end; pixel++)
                    {
                        float number = plane[pixel];
                        // Not "number > most" alone: a NaN beats every number, and nothing beats a NaN.
                        if (number > most || (float.IsNaN(number) && !float.IsNaN(most)))
                        {
                            most = number;
                            winner = pixel;
                        }
                    }
                }
                *output++ = most;
                *winners++ = winner;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Backward(float* outputGradient, int* winners, float* inputGradient)
    {
        if (IsApart)
        {
            // No pixel wins twice.
            new Span<float>(inputGradient, Pixels).Clear();
            for (int place = 0; place < Places; place++)
                inputGradient[winners[place]] = 0 + outputGradient[place];
            return;
        }
        int pixel = 0;
        foreach ((int top, int bottom) in PlacesOfRow)
        {
            foreach ((int left, int right) in PlacesOfColumn)
            {
                float sum = 0;
                for (int row = top; row < bottom; row++)
                {
                    for (int place = (row * Horizontal.Output) + left, end = place + right - left; place < end; place++)
                    {
                        if (winners[place] == pixel)
                            sum += outputGradient[place];
                    }
                }
                inputGradient[pixel++] = sum;
            }
        }
    }

    private struct ForwardJob : ICrewJob
    {
        public MaxPool2dLayer Layer;
        public Pass Pass;
        public float* Input;
        public float* Output;
        public int* Winners;

        public readonly void Execute(int member, int members)
        {
            WorkRange planes = Layer.Planes(Pass, member, members);
            for (long plane = planes.Start; plane < planes.End; plane++)
                Layer.Forward(Input + (plane * Layer.Pixels), Output + (plane * Layer.Places), Winners + (plane * Layer.Places));
        }
    }

    private struct BackwardJob : ICrewJob
    {
        public MaxPool2dLayer Layer;
        public Pass Pass;
        public float* OutputGradient;
        public float* InputGradient;
        public int* Winners;

        public readonly void Execute(int member, int members)
        {
            WorkRange planes = Layer.Planes(Pass, member, members);
            for (long plane = planes.Start; plane < planes.End; plane++)
                Layer.Backward(OutputGradient + (plane * Layer.Places), Winners + (plane * Layer.Places), InputGradient + (plane * Layer.Pixels));
        }
    }
}
