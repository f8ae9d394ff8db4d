using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Layers.Convolution;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers.Pooling;

/// <summary>
/// One number for each window of each channel: x [N, C, H, W], y [N, C, ⌊(H + 2p − k)/s⌋ + 1, …]. Channels of samples are shared out among the
/// threads; within one a gradient is gathered: each pixel adds up the windows that it lies in, in row-major order.
/// </summary>
public abstract unsafe class PoolingLayer : Layer
{
    // Below this a fork and join of the threads costs more than it saves.
    private const long NumbersWorthSharing = 16_384;

    private protected PoolingLayer(int index, string? name, string kind, Shape input, Extent2d kernel, Extent2d? stride, Extent2d padding)
        : this(index, name, kind, input, Window(index, name, kind, input, kernel, stride, padding))
    {
    }

    private PoolingLayer(int index, string? name, string kind, Shape input, WindowGeometry window)
        : base(index, name, kind, input, window.Output(input[0]))
    {
        (Vertical, Horizontal) = window;
        RowsOfPlace = [.. Enumerable.Range(0, Vertical.Output).Select(place => PixelsOf(Vertical, place))];
        ColumnsOfPlace = [.. Enumerable.Range(0, Horizontal.Output).Select(place => PixelsOf(Horizontal, place))];
        PlacesOfRow = [.. Enumerable.Range(0, Vertical.Input).Select(pixel => WindowsOf(Vertical, pixel))];
        PlacesOfColumn = [.. Enumerable.Range(0, Horizontal.Input).Select(pixel => WindowsOf(Horizontal, pixel))];
    }

    /// <summary>Whether no pixel lies in two windows.</summary>
    private protected bool IsApart => Vertical.Stride >= Vertical.Kernel && Horizontal.Stride >= Horizontal.Kernel;

    /// <summary>Of each row of windows the pixels' rows, from the first up to the last; the same of columns; and of pixels' rows and columns the windows'.</summary>
    private protected (int Start, int End)[] RowsOfPlace { get; }

    private protected (int Start, int End)[] ColumnsOfPlace { get; }

    private protected (int Start, int End)[] PlacesOfRow { get; }

    private protected (int Start, int End)[] PlacesOfColumn { get; }

    private protected WindowAxis Vertical { get; }

    private protected WindowAxis Horizontal { get; }

    private protected int Pixels => Vertical.Input * Horizontal.Input;

    private protected int Places => Vertical.Output * Horizontal.Output;

    /// <summary>Runs a job over all channels of all samples.</summary>
    private protected void Run<TJob>(Pass pass, ref TJob job)
        where TJob : struct, ICrewJob
    {
        if ((long)pass.Samples * Input.Length < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            pass.Crew.Run(ref job);
    }

    private protected WorkRange Planes(Pass pass, int member, int members) => WorkRange.Of((long)pass.Samples * Input[0], member, members);

    /// <summary>The pixels of a window along one axis: from the first up to the last, those that exist.</summary>
    private static (int Start, int End) PixelsOf(WindowAxis axis, int place)
    {
        int start = (place * axis.Stride) - axis.Padding;
        return (Math.Max(0, start), Math.Min(axis.Input, start + axis.Kernel));
    }

    /// <summary>The windows of an axis that a pixel lies in: from the first up to the last.</summary>
    private static (int Start, int End) WindowsOf(WindowAxis axis, int pixel)
    {
        int at = pixel + axis.Padding;
        int start = at < axis.Kernel ? 0 : ((at - axis.Kernel) / axis.Stride) + 1;
        return (start, Math.Min(axis.Output, (at / axis.Stride) + 1));
    }

    private static WindowGeometry Window(int index, string? name, string kind, Shape input, Extent2d kernel, Extent2d? stride, Extent2d padding)
    {
        string layer = WindowGeometry.Label(index, name, kind);
        WindowGeometry window = WindowGeometry.Of(layer, input, kernel, stride ?? kernel, padding, 1);
        RequirePadding(layer, kernel.Vertical, padding.Vertical);
        RequirePadding(layer, kernel.Horizontal, padding.Horizontal);
        return window;
    }

    // With more, a window could lie in the padding alone.
    private static void RequirePadding(string layer, int kernel, int padding)
    {
        if (padding > kernel / 2)
            throw new ShapeException(layer, "padding", $"at most half of the kernel of {kernel}", $"{padding}", "Take less padding or a larger kernel.");
    }
}
