using System.Collections;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>A <see cref="Sequence{T}"/>.</summary>
internal sealed class ListShape(Type itemType, Shape item, bool notEmpty, bool distinct) : Shape
{
    public Shape Item => item;

    public bool IsNotEmpty => notEmpty;

    public bool IsDistinct => distinct;

    public override string Expected => $"a list{(notEmpty ? " of at least one entry" : "")}, each entry {item.Expected}";

    public override object? Bind(YamlNode node, string path, BindingContext context)
    {
        if (node is not YamlList list || (notEmpty && list.Items.Count == 0))
            return Mismatch(node, path, context);
        Array items = Array.CreateInstance(itemType, list.Items.Count);
        var seen = new Dictionary<object, int>();
        bool sound = true;
        for (int i = 0; i < list.Items.Count; i++)
        {
            string below = BindingContext.Below(path, $"{i}");
            context.Remember(below, list.Items[i]);
            object? value = item.Bind(list.Items[i], below, context);
            if (value is null)
            {
                sound = false;
                continue;
            }
            items.SetValue(value, i);
            if (distinct && !seen.TryAdd(value, i))
                context.Fault(list.Items[i], below, $"'{BindingContext.Label(below)}' repeats entry {seen[value]}: {list.Items[i].Describe()}");
        }
        return sound ? Activator.CreateInstance(typeof(Sequence<>).MakeGenericType(itemType), items) : null;
    }

    public override YamlNode Write(object value) =>
        new YamlList(default, ((IEnumerable)value).Cast<object>().Select(item.Write).ToList());
}
