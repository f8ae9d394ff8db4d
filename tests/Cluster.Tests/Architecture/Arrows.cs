using System.Reflection;

namespace Lockstep.Cluster.Tests.Architecture;

/// <summary>
/// Which way the rooms may look. What an assembly refers to is read from its own metadata: a type of another assembly
/// cannot be used without it, in a signature or deep in a method, and a reference that nothing uses is not there.
/// </summary>
internal static class Arrows
{
    public const string Prefix = "Lockstep.";

    /// <summary>The rooms that each room may look into; as drawn in the design, and nothing else.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Allowed = new Dictionary<string, string[]>
    {
        ["Engine"] = [],
        ["Protocol"] = [],
        ["Transport"] = [],
        ["Jobs"] = ["Engine"],
        ["WorkerNode"] = ["Engine", "Jobs", "Protocol", "Transport"],
        ["Coordinator"] = ["Engine", "Jobs", "Protocol", "Transport"],
        ["Launch"] = ["Protocol"],
        ["Simulation"] = ["Coordinator", "Engine", "Jobs", "Protocol", "Transport"],
        ["Chaos"] = ["Engine", "Jobs", "Launch", "Transport"],
        ["Cli"] = ["Chaos", "Coordinator", "Engine", "Jobs", "Launch", "Protocol", "Simulation", "Transport", "WorkerNode"],
    };

    /// <summary>Foreign assemblies, by the beginning of their names, that a room must do without.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Foreign = new Dictionary<string, string[]>
    {
        ["Engine"] = ["Akka", "MessagePack", "YamlDotNet", "Serilog", "System.Net.Sockets", "Newtonsoft"],
        ["Protocol"] = ["YamlDotNet", "System.Net.Sockets"],
        ["Transport"] = ["Akka", "MessagePack", "YamlDotNet", "Newtonsoft"],
        ["Jobs"] = ["Akka", "MessagePack", "System.Net.Sockets"],
        ["Launch"] = ["Akka.Cluster", "YamlDotNet"],
        ["WorkerNode"] = ["YamlDotNet", "Spectre.Console", "System.CommandLine"],
        ["Coordinator"] = ["YamlDotNet", "Spectre.Console", "System.CommandLine"],
        ["Simulation"] = ["Akka", "YamlDotNet", "Spectre.Console", "System.CommandLine"],
        ["Chaos"] = ["Akka", "YamlDotNet", "Spectre.Console", "System.CommandLine"],
        ["Cli"] = [],
    };

    /// <summary>What an assembly looks at and may not.</summary>
    public static IReadOnlyList<string> Violations(string room, IEnumerable<string> references)
    {
        var wrong = new List<string>();
        foreach (string reference in references)
        {
            bool isOurs = reference.StartsWith(Prefix, StringComparison.Ordinal);
            if (isOurs && !Allowed[room].Contains(reference[Prefix.Length..]))
                wrong.Add($"{room} → {reference[Prefix.Length..]}");
            if (!isOurs && Foreign[room].Any(name => reference == name || reference.StartsWith(name + ".", StringComparison.Ordinal)))
                wrong.Add($"{room} → {reference}");
        }
        return wrong;
    }

    public static string AssemblyName(string room) => room == "Cli" ? "lockstep" : Prefix + room;

    public static IReadOnlyList<string> References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];
}
