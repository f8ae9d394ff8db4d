using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>A list, which is the one key of a record, or a map, which is another record.</summary>
internal sealed class ListOrMapShape(Type listed, Type mapped) : Shape
{
    private readonly RecordShape _listed = (RecordShape)Shapes.OfType(listed);

    /// <summary>The key that a list is the value of.</summary>
    public KeyShape Listed => _listed.Keys[0];

    public RecordShape Mapped { get; } = (RecordShape)Shapes.OfType(mapped);

    public override string Expected => $"{Listed.Shape.Expected}; or {Mapped.Expected}";

    public override object? Bind(YamlNode node, string path, BindingContext context)
    {
        if (node is YamlMap { Entries.Count: > 0 })
            return Mapped.Bind(node, path, context);
        if (Listed.Shape.Bind(node, path, context) is not { } value)
            return null;
        object result = Activator.CreateInstance(listed)!;
        Listed.Property.SetValue(result, value);
        return result;
    }

    public override YamlNode Write(object value) =>
        value.GetType() == listed ? Listed.Shape.Write(Listed.Property.GetValue(value)!) : Mapped.Write(value);
}
