using System.Collections.Concurrent;
using System.Reflection;
using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Binding;

/// <summary>Derives shapes from the classes of the job file. A new layer, loss or optimizer is a new record, and nothing here.</summary>
internal static class Shapes
{
    private static readonly ConcurrentDictionary<Type, Shape> Known = [];

    public static RecordShape Job { get; } = (RecordShape)OfType(typeof(Job));

    public static Shape Of(PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Sequence<>))
            return Single(type, property);
        Type item = type.GenericTypeArguments[0];
        return new ListShape(
            item,
            Single(item, property),
            property.IsDefined(typeof(NotEmptyAttribute)),
            property.IsDefined(typeof(DistinctAttribute)));
    }

    public static Shape OfType(Type type) => Known.GetOrAdd(type, static type =>
        type.IsEnum ? new WordShape(type)
        : type.IsDefined(typeof(CasesAttribute), inherit: false) ? new ChoiceShape(type)
        : type.GetCustomAttribute<ListOrMapAttribute>(inherit: false) is { } either ? new ListOrMapShape(either.List, either.Map)
        : type.IsClass && !type.IsAbstract && type.Namespace!.StartsWith(typeof(Job).Namespace!, StringComparison.Ordinal) ? new RecordShape(type)
        : throw new InvalidOperationException($"{type} has no place in a job file"));

    private static Shape Single(Type type, PropertyInfo property)
    {
        if (type == typeof(bool))
            return new BooleanShape();
        if (type == typeof(string))
            return new TextShape(Kind(property));
        if (type == typeof(int) || type == typeof(long) || type == typeof(ulong) || type == typeof(double))
            return property.GetCustomAttribute<LimitsAttribute>() is { } limits ? new NumberShape(type, limits) : new NumberShape(type);
        if (type == typeof(Extent2d))
            return new ExtentShape(property.GetCustomAttribute<LimitsAttribute>()!);
        return OfType(type);
    }

    private static TextKind Kind(PropertyInfo property) =>
        property.GetCustomAttribute<FilePathAttribute>() is { } path ? (path.Folder ? TextKind.FolderPath : path.Many ? TextKind.FilePattern : TextKind.FilePath)
        : property.IsDefined(typeof(NameOrNumberAttribute)) ? TextKind.NameOrNumber
        : property.GetCustomAttribute<NameAttribute>() is { } name ? (name.AsInFileNames ? TextKind.FileName : TextKind.Name)
        : TextKind.Any;
}
