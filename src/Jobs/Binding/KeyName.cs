using System.Reflection;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>How names of the code are written in the job file, and what is said of names that are not.</summary>
internal static class KeyName
{
    public static string Of(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    public static IReadOnlyList<string> NotYet(MemberInfo member) => member.GetCustomAttribute<NotYetAttribute>(inherit: false)?.Names ?? [];

    public static string Unknown(string written, string where, IReadOnlyList<string> names, IReadOnlyList<string> notYet)
    {
        if (notYet.Contains(written))
            return $"'{written}' is not available in this version; available: {string.Join(", ", names)}";
        return $"{(where.Length == 0 ? "a job file" : $"'{where}'")} has no '{Shown.Of(written)}': {NearestName.Advice(written, names)}";
    }
}
