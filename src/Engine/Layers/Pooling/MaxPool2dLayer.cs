using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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

    public override bool KeepsOutput => false;

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

    /// <summary>One plane, a row of windows at a time: of each column the first of its largest, in vectors; then of each window the first of its columns'.</summary>
    /// <param name="plane">[H, W].</param>
    /// <param name="output">[H', W'].</param>
    /// <param name="winners">[H', W']: the pixels that won.</param>
    /// <param name="ranks">Room for W.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Forward(float* plane, float* output, int* winners, long* ranks)
    {
        foreach ((int top, int bottom) in RowsOfPlace)
        {
            RankColumns(plane, top, bottom, ranks);
            foreach ((int left, int right) in ColumnsOfPlace)
            {
                long best = ranks[left];
                for (int column = left + 1; column < right; column++)
                {
                    // The larger one, without a branch that nobody could foresee.
                    long less = best - ranks[column];
                    best -= less & (less >> 63);
                }
                int winner = PixelOf(best);
                *output++ = plane[winner];
                *winners++ = winner;
            }
        }
    }

    /// <summary>Of each column the rank of the first of its largest numbers in some rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RankColumns(float* plane, int top, int bottom, long* ranks)
    {
        int width = Horizontal.Input, column = 0;
        for (; column + 4 <= width; column += 4)
        {
            int pixel = (top * width) + column;
            Vector128<float> best = Vector128.Load(plane + pixel);
            Vector128<int> at = Vector128.Create(pixel) + Vector128.Create(0, 1, 2, 3), winner = at;
            for (int row = top + 1; row < bottom; row++)
            {
                pixel += width;
                at += Vector128.Create(width);
                Vector128<float> number = Vector128.Load(plane + pixel);
                // What is not at most the best is larger, or one of them is a NaN; and nothing beats a NaN.
                Vector128<float> stays = Vector128.LessThanOrEqual(number, best) | ~Vector128.Equals(best, best);
                best = Vector128.ConditionalSelect(stays, best, number);
                winner = Vector128.ConditionalSelect(stays.AsInt32(), winner, at);
            }
            Vector128<int> order = Order(best), rest = Vector128.AndNot(Vector128.Create(int.MaxValue), winner);
            ((Vector128.WidenLower(order) << 31) | Vector128.WidenLower(rest)).Store(ranks + column);
            ((Vector128.WidenUpper(order) << 31) | Vector128.WidenUpper(rest)).Store(ranks + column + 2);
        }
        for (; column < width; column++)
        {
            int winner = (top * width) + column;
            for (int row = top + 1; row < bottom; row++)
            {
                int pixel = (row * width) + column;
                if (!(plane[pixel] <= plane[winner]) && !float.IsNaN(plane[winner]))
                    winner = pixel;
            }
            ranks[column] = ((long)Order(Vector128.CreateScalar(plane[winner])).ToScalar() << 31) | (uint)(~winner & int.MaxValue);
        }
    }

    /// <summary>
    /// Whole numbers in the order of the numbers, the same for both zeros, and the largest for any NaN. With the pixel below it, counted downwards, it makes a
    /// rank of 63 bits, of which two may be subtracted: the larger one wins, and of equal numbers the first pixel.
    /// </summary>
    private static Vector128<int> Order(Vector128<float> numbers)
    {
        Vector128<int> bits = (numbers + Vector128<float>.Zero).AsInt32();
        // Of negative numbers those bits that are the magnitude run the other way.
        Vector128<int> order = bits ^ ((bits >> 31) & Vector128.Create(int.MaxValue));
        return Vector128.ConditionalSelect(Vector128.Equals(numbers, numbers).AsInt32(), order, Vector128.Create(int.MaxValue));
    }

    private static int PixelOf(long rank) => ~(int)rank & int.MaxValue;

    /// <summary>Each place's gradient to its winner, in the order of the places: the order of a pixel's sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Backward(float* outputGradient, int* winners, float* inputGradient)
    {
        new Span<float>(inputGradient, Pixels).Clear();
        for (int place = 0; place < Places; place++)
            inputGradient[winners[place]] += outputGradient[place];
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
            var ranks = (long*)Pass.Crew.MemberScratch(member, (long)Layer.Horizontal.Input * (sizeof(long) / sizeof(float)));
            for (long plane = planes.Start; plane < planes.End; plane++)
                Layer.Forward(Input + (plane * Layer.Pixels), Output + (plane * Layer.Places), Winners + (plane * Layer.Places), ranks);
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
