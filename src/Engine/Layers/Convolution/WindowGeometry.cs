using System.Globalization;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>How windows go over an image [C, H, W], and what is said where they cannot.</summary>
internal readonly record struct WindowGeometry(WindowAxis Vertical, WindowAxis Horizontal)
{
    /// <summary>How messages call a layer that is not built yet.</summary>
    public static string Label(int index, string? name, string kind) => $"{name ?? index.ToString(CultureInfo.InvariantCulture)} ({kind})";

    /// <exception cref="ShapeException">The input is no image, or the kernel does not fit.</exception>
    public static WindowGeometry Of(string layer, Shape input, Extent2d kernel, Extent2d stride, Extent2d padding, Extent2d dilation)
    {
        RequireImage(layer, input);
        Require(layer, "kernel", kernel, 1);
        Require(layer, "stride", stride, 1);
        Require(layer, "padding", padding, 0);
        Require(layer, "dilation", dilation, 1);
        return new WindowGeometry(
            Axis(layer, 1, "height", input[1], kernel.Vertical, stride.Vertical, padding.Vertical, dilation.Vertical),
            Axis(layer, 2, "width", input[2], kernel.Horizontal, stride.Horizontal, padding.Horizontal, dilation.Horizontal));
    }

    /// <exception cref="ShapeException">The input has not the axes [C, H, W].</exception>
    public static void RequireImage(string layer, Shape input)
    {
        if (input.Rank == 3)
            return;
        string mend = input.Rank switch
        {
            1 => "A flatten or dense layer before it has no rows and columns any more: put it behind this one, or give data whose samples are images.",
            2 => $"Give the samples an axis of channels: [1, {input[0]}, {input[1]}] for images in grey; sequences [T, D] go to timeDelay.",
            _ => "Give images with channels, height and width.",
        };
        throw new ShapeException(layer, "number of axes", "3 (channels, height, width)", $"{input.Rank} ({input})", mend);
    }

    /// <exception cref="ShapeException">The number is too small.</exception>
    public static void Require(string layer, string what, int number, int least)
    {
        if (number < least)
            throw new ShapeException(layer, what, $"at least {least}", $"{number}", $"Give it a {what} of {least} or more.");
    }

    /// <exception cref="ShapeException">Channels or filters cannot be cut into that many groups.</exception>
    public static void RequireGroups(string layer, int channels, int filters, int groups)
    {
        Require(layer, "groups", groups, 1);
        if (channels % groups != 0)
            throw new ShapeException(layer, "axis 0 of its input", $"channels in {groups} equal groups", $"{channels}", "Take groups that divide the channels.");
        if (filters % groups != 0)
            throw new ShapeException(layer, "axis 0 of its output", $"filters in {groups} equal groups", $"{filters}", "Take groups that divide the filters.");
    }

    /// <exception cref="ShapeException">The kernel is longer than the padded axis.</exception>
    public static WindowAxis Axis(string layer, int axis, string what, int input, int kernel, int stride, int padding, int dilation)
    {
        var window = WindowAxis.Of(input, kernel, stride, padding, dilation);
        if (window.Output >= 1)
            return window;
        string reach = dilation == 1 ? $"{kernel}" : $"{window.Reach} ({kernel} taps, {dilation} apart)";
        string room = padding == 0 ? $"{input}" : $"{input + (2L * padding)} ({input} and {padding} of padding on each side)";
        throw new ShapeException(layer, $"axis {axis} ({what})", $"at least the kernel's {reach}", room, "Take a smaller kernel, more padding, or fewer layers before it that make images smaller.");
    }

    /// <summary>An output of so many channels.</summary>
    public Shape Output(int channels) => new(channels, Vertical.Output, Horizontal.Output);

    private static void Require(string layer, string what, Extent2d extent, int least)
    {
        Require(layer, what, extent.Vertical, least);
        Require(layer, what, extent.Horizontal, least);
    }
}
