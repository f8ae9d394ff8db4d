using System.CommandLine;

namespace Lockstep.Benchmarks.Commands;

/// <summary>Options that take whole numbers from 1 up.</summary>
internal static class CountOption
{
    /// <summary>Several configurations: <c>--threads 1 2</c>.</summary>
    public static Option<int[]> Several(string name, string description, params int[] otherwise)
    {
        var option = new Option<int[]>(name)
        {
            Description = description + " Each of them is measured.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => otherwise,
        };
        option.Validators.Add(result => Require(name, result.GetValueOrDefault<int[]>() ?? [], result.AddError));
        return option;
    }

    public static Option<int> One(string name, string description, int otherwise)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result => Require(name, [result.GetValueOrDefault<int>()], result.AddError));
        return option;
    }

    private static void Require(string name, int[] counts, Action<string> addError)
    {
        if (counts.Any(count => count < 1))
            addError($"{name} takes whole numbers from 1 up.");
    }
}
