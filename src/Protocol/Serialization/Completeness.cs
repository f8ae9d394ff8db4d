using System.Collections.Concurrent;
using System.Reflection;

namespace Lockstep.Protocol.Serialization;

/// <summary>
/// Finds what a message lacks. MessagePack leaves out what the bytes leave out, also where the type says that it is
/// always there; the receiver must be able to believe the type.
/// </summary>
internal static class Completeness
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Required = new();

    /// <summary>The first part that should be there and is not; null where there is none.</summary>
    public static string? Gap(object message)
    {
        foreach (PropertyInfo property in Required.GetOrAdd(message.GetType(), FindRequired))
        {
            object? value = property.GetValue(message);
            if (value is null)
                return property.Name;
            if (value is not Array parts || parts.GetType().GetElementType()!.IsValueType)
                continue;
            foreach (object? part in parts)
            {
                string? gap = part is null ? "an element" : Gap(part);
                if (gap is not null)
                    return $"{property.Name}: {gap}";
            }
        }
        return null;
    }

    private static PropertyInfo[] FindRequired(Type type)
    {
        var nullability = new NullabilityInfoContext();
        return [.. type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property =>
            !property.PropertyType.IsValueType && nullability.Create(property).ReadState == NullabilityState.NotNull)];
    }
}
