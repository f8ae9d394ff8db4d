using System.Reflection;

namespace Lockstep.Jobs.Binding;

/// <summary>What the job file calls a case of a choice: <c>dense</c>, <c>sgd</c>.</summary>
internal static class CaseName
{
    public static string Of(object value) => value.GetType().GetCustomAttribute<CaseAttribute>()!.Name;
}
