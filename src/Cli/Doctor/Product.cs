using System.Reflection;

namespace Lockstep.Cli.Doctor;

/// <summary>What this program calls itself.</summary>
public static class Product
{
    /// <summary>The version, as in the release.</summary>
    public static string Version { get; } = VersionOf(typeof(Product).Assembly);

    /// <summary>One line: version and build, as <c>--version</c> prints it.</summary>
    public static string VersionLine => $"lockstep {Version} build {BuildFingerprint.Current[..16]}";

    /// <summary>An assembly's version as its makers write it, without the source revision.</summary>
    public static string VersionOf(Assembly assembly)
    {
        string? informational = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return informational?.Split('+')[0] ?? assembly.GetName().Version?.ToString() ?? "unknown";
    }
}
