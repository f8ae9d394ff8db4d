using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>One whole number for both axes of an image, or a list of the two: [vertical, horizontal].</summary>
internal sealed class ExtentShape(LimitsAttribute limits) : Shape
{
    /// <summary>What each number is.</summary>
    public NumberShape Number { get; } = new(typeof(int), limits);

    public override string Expected => $"{Number.Expected}, or two of them, [vertical, horizontal]";

    public override object? Bind(YamlNode node, string path, BindingContext context)
    {
        if (node is not YamlList list)
            return Number.Read(node) is int both ? Extent2d.Both(both) : Mismatch(node, path, context);
        if (list.Items.Count != 2)
            return Mismatch(node, path, context);
        var numbers = new int?[2];
        for (int i = 0; i < 2; i++)
        {
            string below = BindingContext.Below(path, $"{i}");
            context.Remember(below, list.Items[i]);
            numbers[i] = Number.Bind(list.Items[i], below, context) as int?;
        }
        return numbers is [int vertical, int horizontal] ? new Extent2d(vertical, horizontal) : null;
    }

    public override YamlNode Write(object value)
    {
        var extent = (Extent2d)value;
        return extent.Vertical == extent.Horizontal
            ? Number.Write(extent.Vertical)
            : new YamlList(default, [Number.Write(extent.Vertical), Number.Write(extent.Horizontal)]);
    }
}
