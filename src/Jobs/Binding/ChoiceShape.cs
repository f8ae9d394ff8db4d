using System.Reflection;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>One case of a choice.</summary>
internal sealed class CaseShape(Type type)
{
    private readonly CaseAttribute _attribute = type.GetCustomAttribute<CaseAttribute>()!;

    public string Name => _attribute.Name;

    public string Description => _attribute.Description;

    public RecordShape Record { get; } = (RecordShape)Shapes.OfType(type);

    /// <summary>The key that is written without its name, if the case has one.</summary>
    public KeyShape? Value => Record.Keys.FirstOrDefault(key => key.IsValue);

    public bool MayBeBare => Record.Keys.All(key => !key.IsRequired) && Record.Choices.All(choice => !choice.Needed);

    public bool MustBeBare => Record.Keys.Count == 0;
}

/// <summary>A map with exactly one key of a known set, or a bare name.</summary>
internal sealed class ChoiceShape : Shape
{
    private readonly Lazy<IReadOnlyList<CaseShape>> _cases;

    public ChoiceShape(Type type)
    {
        Type = type;
        NotYet = KeyName.NotYet(type);
        _cases = new(() => [.. type.GetCustomAttribute<CasesAttribute>()!.Cases.Select(each => new CaseShape(each))]);
    }

    public Type Type { get; }

    public IReadOnlyList<CaseShape> Cases => _cases.Value;

    public IReadOnlyList<string> NotYet { get; }

    public override string Expected => Cases.Count == 1 ? $"'{Cases[0].Name}'" : $"one of {string.Join(", ", Cases.Select(each => each.Name))}";

    public override object? Bind(YamlNode node, string path, BindingContext context)
    {
        switch (node)
        {
            case YamlScalar { IsText: true } scalar:
                if (Find(scalar, path, context) is not { } bare)
                    return null;
                if (bare.MayBeBare)
                    return Activator.CreateInstance(bare.Record.Type);
                context.Fault(node, path, $"'{bare.Name}' needs {Missing(bare)}");
                return null;
            case YamlMap { Entries: [var entry] }:
                return Find(entry.Key, path, context) is { } found ? Body(found, entry.Value, path, context) : null;
            case YamlMap { Entries.Count: > 1 } map:
                return Several(map, path, context);
            default:
                return Mismatch(node, path, context);
        }
    }

    public override YamlNode Write(object value)
    {
        CaseShape chosen = Cases.First(each => each.Record.Type == value.GetType());
        if (chosen.Value is { } only && only.Property.GetValue(value) is null)
            return Text(chosen.Name);
        YamlNode body = chosen.Value is { } key ? key.Shape.Write(key.Property.GetValue(value)!) : chosen.Record.Write(value);
        return body is YamlMap { Entries.Count: 0 }
            ? Text(chosen.Name)
            : new YamlMap(default, [new YamlEntry(Text(chosen.Name), body)]);
    }

    private static object? Body(CaseShape chosen, YamlNode body, string path, BindingContext context)
    {
        string below = BindingContext.Below(path, chosen.Name);
        context.Remember(below, body);
        if (chosen.Value is not { } key)
            return chosen.Record.Bind(body, below, context);
        object result = Activator.CreateInstance(chosen.Record.Type)!;
        if (body is YamlScalar { IsNull: true } && !key.IsRequired)
            return result;
        if (key.Shape.Bind(body, below, context) is not { } value)
            return null;
        key.Property.SetValue(result, value);
        return result;
    }

    private object? Several(YamlMap map, string path, BindingContext context)
    {
        YamlEntry[] cases = [.. map.Entries.Where(entry => Cases.Any(each => each.Name == entry.Key.Text))];
        if (cases.Length != 1)
            return Mismatch(map, path, context);
        CaseShape chosen = Cases.First(each => each.Name == cases[0].Key.Text);
        foreach (YamlEntry entry in map.Entries)
        {
            string name = entry.Key.Text;
            if (name == chosen.Name)
                continue;
            context.Fault(entry.Key, BindingContext.Below(path, name), chosen.Value is null && chosen.Record.Keys.Any(key => key.Name == name)
                ? $"'{name}' belongs inside '{chosen.Name}': write {chosen.Name}: {{ {name}: ... }}"
                : $"'{Shown.Of(name)}' cannot stand beside '{chosen.Name}'");
        }
        return null;
    }

    private CaseShape? Find(YamlScalar name, string path, BindingContext context)
    {
        if (Cases.FirstOrDefault(each => each.Name == name.Text) is { } found)
            return found;
        context.Fault(name, path, KeyName.Unknown(name.Text, BindingContext.Label(path), [.. Cases.Select(each => each.Name)], NotYet));
        return null;
    }

    private static string Missing(CaseShape bare) => bare.Value is { } value
        ? $"a value: write {bare.Name}: followed by {value.Shape.Expected}"
        : $"keys: write {bare.Name}: {{ {string.Join(", ", bare.Record.Keys.Where(key => key.IsRequired).Select(key => key.Name + ": ..."))} }}";
}
