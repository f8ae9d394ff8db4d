using System.Reflection;

namespace Lockstep.Launch;

/// <summary>How to start the running program once more: its file, and what comes before its own arguments.</summary>
/// <param name="File">The executable to start.</param>
/// <param name="LeadingArguments">The assembly's path where <paramref name="File"/> is the <c>dotnet</c> host, else nothing.</param>
public sealed record ThisProgram(string File, IReadOnlyList<string> LeadingArguments)
{
    /// <summary>Finds it for the running process: an application host, a single file, or an assembly that <c>dotnet</c> runs.</summary>
    /// <exception cref="InvalidOperationException">The system does not tell the path of this process.</exception>
    public static ThisProgram Find() =>
        Find(Environment.ProcessPath, AppContext.BaseDirectory, Assembly.GetEntryAssembly()?.GetName().Name);

    /// <summary>The same as a pure function.</summary>
    /// <param name="processPath">The executable of this process.</param>
    /// <param name="baseDirectory">The folder of the program's assemblies.</param>
    /// <param name="entryAssembly">The simple name of the assembly that holds the entry point.</param>
    public static ThisProgram Find(string? processPath, string baseDirectory, string? entryAssembly)
    {
        if (string.IsNullOrEmpty(processPath))
            throw new InvalidOperationException(
                "The path of this program is unknown, so it cannot start workers. Start them by hand: lockstep worker --join HOST:PORT");
        if (Path.GetFileNameWithoutExtension(processPath) != "dotnet")
            return new ThisProgram(processPath, []);
        if (string.IsNullOrEmpty(entryAssembly))
            throw new InvalidOperationException(
                "This program runs inside another one, so it cannot start workers. Start them by hand: lockstep worker --join HOST:PORT");
        return new ThisProgram(processPath, [Path.Combine(baseDirectory, entryAssembly + ".dll")]);
    }
}
