namespace Lockstep.Jobs.Binding;

/// <summary>
/// Makes a property a key of the job file, called by the property's name in camelCase. A C# <c>required</c> property
/// is a required key; any other's default is what the property holds on a new instance, null for none.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class KeyAttribute(string description) : Attribute
{
    public string Description { get; } = description;

    /// <summary>In words, where the default follows from other keys; the property then holds a placeholder until the job is resolved.</summary>
    public string? DefaultRule { get; init; }
}

/// <summary>The numbers that a key, or each item of its list, may have. Judged after rounding to float32, as the engine sees them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LimitsAttribute : Attribute
{
    public double AtLeast { get; init; } = double.NegativeInfinity;

    public double AtMost { get; init; } = double.PositiveInfinity;

    public double Above { get; init; } = double.NegativeInfinity;

    public double Below { get; init; } = double.PositiveInfinity;

    public bool PowerOfTwo { get; init; }

    public bool NotZero { get; init; }
}

/// <summary>Text of one line that names something: letters, digits, <c>_ - .</c> as far as asked, a letter or <c>_</c> first.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NameAttribute : Attribute
{
    /// <summary>Whether dots and a leading digit are allowed too, as in a file's name.</summary>
    public bool AsInFileNames { get; init; }
}

/// <summary>Text that is the path of a file which must be there before anything starts.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FilePathAttribute : Attribute
{
    /// <summary>Whether * and ? may stand for several files, of which there must be one.</summary>
    public bool Many { get; init; }

    /// <summary>Whether it is a folder.</summary>
    public bool Folder { get; init; }
}

/// <summary>A list whose items are names or numbers, both kept as text: columns, layers.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NameOrNumberAttribute : Attribute;

/// <summary>A list that must have an item.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotEmptyAttribute : Attribute;

/// <summary>A list in which nothing may stand twice.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DistinctAttribute : Attribute;

/// <summary>Names that the format has and this version has not: keys of a record, cases of a union, or words of an enumeration.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Enum)]
internal sealed class NotYetAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names { get; } = names;
}

/// <summary>Of these keys at most one may be given; exactly one where <see cref="Needed"/>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class OneOfAttribute(params string[] keys) : Attribute
{
    public IReadOnlyList<string> Keys { get; } = keys;

    public bool Needed { get; init; }
}

/// <summary>Makes an abstract record a choice: a map with exactly one of the cases' names, or a bare name where the case needs nothing else.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class CasesAttribute(params Type[] cases) : Attribute
{
    public IReadOnlyList<Type> Cases { get; } = cases;
}

/// <summary>Makes an abstract record a list, the one key of a record, or a map, another record.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ListOrMapAttribute(Type list, Type map) : Attribute
{
    public Type List { get; } = list;

    public Type Map { get; } = map;
}

/// <summary>One case of a choice.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class CaseAttribute(string name, string description) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;
}

/// <summary>The one key of a case that is written without its name: <c>gaussian: 0.01</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ValueAttribute : Attribute;
