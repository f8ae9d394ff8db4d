using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers.Pooling;

/// <summary>
/// y = the sum of each window, in row-major order, divided by the kernel's size, or by the window's pixels alone where the padding does not
/// count. ∂L/∂x = Σ over the pixel's windows of ∂L/∂y divided by the same.
/// </summary>
public sealed unsafe class AveragePool2dLayer : PoolingLayer
{
    private readonly bool _countPadding;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">The windows.</param>
    /// <param name="input">[C, H, W].</param>
    /// <exception cref="ShapeException">The input is no image, or the windows do not fit.</exception>
    public AveragePool2dLayer(int index, AveragePool2dSpec spec, Shape input)
        : base(index, spec.Name, "averagePool2d", input, spec.Kernel, spec.Stride, spec.Padding) => _countPadding = spec.CountPadding;

    public override bool KeepsOutput => false;

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var job = new ForwardJob { Layer = this, Pass = pass, Input = input, Output = output };
        Run(pass, ref job);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        if (inputGradient is null)
            return;
        var job = new BackwardJob { Layer = this, Pass = pass, OutputGradient = outputGradient, InputGradient = inputGradient };
        Run(pass, ref job);
    }

    private int Divisor(int rows, int columns) => _countPadding ? Vertical.Kernel * Horizontal.Kernel : rows * columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Forward(float* plane, float* output)
    {
        foreach ((int top, int bottom) in RowsOfPlace)
        {
            foreach ((int left, int right) in ColumnsOfPlace)
            {
                float sum = 0;
                for (int row = top; row < bottom; row++)
                {
                    for (int pixel = (row * Horizontal.Input) + left, end = pixel + right - left; pixel < end; pixel++)
                        sum += plane[pixel];
                }
                *output++ = sum / Divisor(bottom - top, right - left);
            }
        }
    }

    // A gradient is divided once, in place, and then only added.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Backward(float* outputGradient, float* inputGradient)
    {
        float* gradient = outputGradient;
        foreach ((int top, int bottom) in RowsOfPlace)
        {
            foreach ((int left, int right) in ColumnsOfPlace)
                *gradient++ /= Divisor(bottom - top, right - left);
        }
        if (IsApart)
        {
            Spread(outputGradient, inputGradient);
            return;
        }
        foreach ((int top, int bottom) in PlacesOfRow)
        {
            foreach ((int left, int right) in PlacesOfColumn)
            {
                float sum = 0;
                for (int row = top; row < bottom; row++)
                {
                    for (int place = (row * Horizontal.Output) + left, end = place + right - left; place < end; place++)
                        sum += outputGradient[place];
                }
                *inputGradient++ = sum;
            }
        }
    }

    // Where windows lie apart, a pixel's sum is that of its one window's gradient and +0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(float* outputGradient, float* inputGradient)
    {
        new Span<float>(inputGradient, Pixels).Clear();
        foreach ((int top, int bottom) in RowsOfPlace)
        {
            foreach ((int left, int right) in ColumnsOfPlace)
            {
                float gradient = 0 + *outputGradient++;
                for (int row = top; row < bottom; row++)
                {
                    for (int pixel = (row * Horizontal.Input) + left, end = pixel + right - left; pixel < end; pixel++)
                        inputGradient[pixel] = gradient;
                }
            }
        }
    }

    private struct ForwardJob : ICrewJob
    {
        public AveragePool2dLayer Layer;
        public Pass Pass;
        public float* Input;
        public float* Output;

        public readonly void Execute(int member, int members)
        {
            WorkRange planes = Layer.Planes(Pass, member, members);
            for (long plane = planes.Start; plane < planes.End; plane++)
                Layer.Forward(Input + (plane * Layer.Pixels), Output + (plane * Layer.Places));
        }
    }

    private struct BackwardJob : ICrewJob
    {
        public AveragePool2dLayer Layer;
        public Pass Pass;
        public float* OutputGradient;
        public float* InputGradient;

        public readonly void Execute(int member, int members)
        {
            WorkRange planes = Layer.Planes(Pass, member, members);
            for (long plane = planes.Start; plane < planes.End; plane++)
                Layer.Backward(OutputGradient + (plane * Layer.Places), InputGradient + (plane * Layer.Pixels));
        }
    }
}
