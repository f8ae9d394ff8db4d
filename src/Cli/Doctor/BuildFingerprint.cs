using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Cli.Doctor;

/// <summary>
/// Which build this is: SHA-256 over the names and module version ids of the assemblies whose code reaches a result. The compiler
/// derives a module version id from all that it compiles, so two builds of the same sources by the same compiler agree.
/// </summary>
public static class BuildFingerprint
{
    /// <summary>The assemblies whose code reaches a parameter or a message.</summary>
    public static IReadOnlyList<Assembly> RelevantAssemblies { get; } =
    [
        .. new[]
        {
            "Lockstep.Coordinator", "Lockstep.Engine", "Lockstep.Jobs", "Lockstep.Protocol", "Lockstep.Transport", "Lockstep.WorkerNode",
        }.Select(Assembly.Load),
    ];

    /// <summary>The fingerprint of this program: 64 hexadecimal digits.</summary>
    public static string Current { get; } = Of(RelevantAssemblies.Select(
        assembly => (assembly.GetName().Name!, assembly.ManifestModule.ModuleVersionId)));

    /// <summary>SHA-256 over a line <c>name id</c> for each, in the order of the names' bytes.</summary>
    public static string Of(IEnumerable<(string Name, Guid ModuleVersionId)> modules)
    {
        var text = new StringBuilder();
        foreach ((string name, Guid id) in modules.OrderBy(module => module.Name, StringComparer.Ordinal))
            text.Append(name).Append(' ').Append(id.ToString("N")).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
