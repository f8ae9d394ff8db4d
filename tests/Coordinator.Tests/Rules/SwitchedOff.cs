using System.Runtime.CompilerServices;
using Lockstep.Protocol;

namespace Lockstep.Coordinator.Tests.Rules;

/// <summary>
/// Runs a suite of tests without one of the safety rules: LOCKSTEP_TEST_RULE_OFF=RefuseLowerTerm dotnet test …, which must fail. Only assemblies of tests have this; the product reads no such thing.
/// </summary>
internal static class SwitchedOff
{
    public const string Variable = "LOCKSTEP_TEST_RULE_OFF";

    [ModuleInitializer]
    internal static void ReadVariable()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name)
            Safety.SwitchOff(Enum.Parse<SafetyRule>(name));
    }
}
