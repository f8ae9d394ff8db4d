using System.Reflection;
using System.Runtime.CompilerServices;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>One key of a record.</summary>
internal sealed class KeyShape
{
    public KeyShape(PropertyInfo property, object blank)
    {
        KeyAttribute attribute = property.GetCustomAttribute<KeyAttribute>()!;
        Property = property;
        Name = KeyName.Of(property.Name);
        Description = attribute.Description;
        DefaultRule = attribute.DefaultRule;
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        IsValue = property.IsDefined(typeof(ValueAttribute));
        Default = IsRequired ? null : property.GetValue(blank);
        Shape = Shapes.Of(property);
    }

    public PropertyInfo Property { get; }

    public string Name { get; }

    public string Description { get; }

    public bool IsRequired { get; }

    public bool IsValue { get; }

    public object? Default { get; }

    public string? DefaultRule { get; }

    public Shape Shape { get; }
}

/// <summary>A map with known keys.</summary>
internal sealed class RecordShape : Shape
{
    private readonly Lazy<IReadOnlyList<KeyShape>> _keys;

    public RecordShape(Type type)
    {
        Type = type;
        NotYet = KeyName.NotYet(type);
        Choices = [.. type.GetCustomAttributes<OneOfAttribute>()];
        // Lazy, since a record may lead back to itself.
        _keys = new(() =>
        {
            object blank = Activator.CreateInstance(type)!;
            return [.. Lineage(type).SelectMany(Declared).Select(property => new KeyShape(property, blank))];
        });
    }

    public Type Type { get; }

    public IReadOnlyList<KeyShape> Keys => _keys.Value;

    public IReadOnlyList<OneOfAttribute> Choices { get; }

    public IReadOnlyList<string> NotYet { get; }

    public override string Expected => Keys.Count == 0 ? "nothing" : $"a map of {string.Join(", ", Keys.Select(key => key.Name))}";

    /// <summary>The record as far as it could be read, so that rules can look at its sound parts; null if nothing could.</summary>
    public override object? Bind(YamlNode node, string path, BindingContext context)
    {
        // "training:" with nothing below it says which of its keys are missing, which helps more than "expected a map".
        IReadOnlyList<YamlEntry> entries;
        if (node is YamlMap map)
            entries = map.Entries;
        else if (node is YamlScalar { IsNull: true })
            entries = [];
        else
            return Mismatch(node, path, context);

        object result = Activator.CreateInstance(Type)!;
        var meant = new HashSet<string>();
        foreach (YamlEntry entry in entries)
        {
            string name = entry.Key.Text;
            KeyShape? key = Keys.FirstOrDefault(key => key.Name == name);
            if (key is null)
            {
                string[] names = [.. Keys.Select(key => key.Name)];
                context.Fault(entry.Key, BindingContext.Below(path, name), KeyName.Unknown(name, BindingContext.Label(path), names, NotYet));
                meant.Add(name);
                if (NearestName.To(name, names) is { } nearest)
                    meant.Add(nearest);
                continue;
            }
            string below = BindingContext.Below(path, name);
            context.Remember(below, entry.Value);
            if (entry.Value is YamlScalar { IsNull: true } && key.Default is null && !key.IsRequired)
                continue;
            meant.Add(name);
            if (key.Shape.Bind(entry.Value, below, context) is { } value)
                key.Property.SetValue(result, value);
        }
        FindMissing(node, path, meant, entries, context);
        return result;
    }

    public override YamlNode Write(object value) => new YamlMap(default, [.. Keys
        .Select(key => (key, value: key.Property.GetValue(value)))
        .Where(pair => pair.value is not null)
        .Select(pair => new YamlEntry(Text(pair.key.Name), pair.key.Shape.Write(pair.value!)))]);

    /// <summary>Looks for keys that are missing or do not go together. A misspelt or unavailable key does not count as missing too.</summary>
    private void FindMissing(YamlNode node, string path, HashSet<string> meant, IReadOnlyList<YamlEntry> entries, BindingContext context)
    {
        string where = path.Length == 0 ? "the job file" : $"'{BindingContext.Label(path)}'";
        foreach (KeyShape key in Keys.Where(key => key.IsRequired && !entries.Any(entry => entry.Key.Text == key.Name)))
        {
            if (meant.Contains(key.Name))
                context.Faults.Spoil(BindingContext.Below(path, key.Name));
            else
                context.Fault(node, BindingContext.Below(path, key.Name), $"{where} needs '{key.Name}': {key.Shape.Expected}");
        }
        foreach (OneOfAttribute choice in Choices)
        {
            YamlEntry[] given = [.. entries.Where(entry => choice.Keys.Contains(entry.Key.Text) && entry.Value is not YamlScalar { IsNull: true })];
            if (given.Length > 1)
            {
                context.Fault(given[^1].Key, BindingContext.Below(path, given[^1].Key.Text), $"'{given[0].Key.Text}' and '{given[^1].Key.Text}' exclude each other: keep one of the two");
            }
            else if (given.Length == 0 && choice.Needed && !meant.Overlaps(choice.Keys.Concat(NotYet)))
            {
                context.Fault(node, path, $"{where} needs one of {string.Join(", ", choice.Keys)}");
            }
        }
    }

    private static IEnumerable<Type> Lineage(Type type)
    {
        for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
            yield return level;
    }

    private static IEnumerable<PropertyInfo> Declared(Type type) => type
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .Where(property => property.IsDefined(typeof(KeyAttribute)))
        .OrderBy(property => property.MetadataToken);
}
