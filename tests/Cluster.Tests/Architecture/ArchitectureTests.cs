using System.Reflection;
using System.Xml.Linq;

namespace Lockstep.Cluster.Tests.Architecture;

public sealed class ArchitectureTests
{
    public static TheoryData<string> Rooms => [.. Arrows.Allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_looks_only_where_its_arrows_point(string room) =>
        Assert.Empty(Arrows.Violations(room, Arrows.References(Assembly.Load(Arrows.AssemblyName(room)))));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_rooms_project_names_the_rooms_that_its_arrows_point_to_and_no_other(string room)
    {
        XDocument project = XDocument.Load(ProjectFile(room));
        string[] named = [.. project.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))];

        Assert.Equal(Arrows.Allowed[room].Order(), named.Select(name => name[Arrows.Prefix.Length..]).Order());
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_rooms_project_takes_no_package_that_it_must_do_without(string room)
    {
        IEnumerable<string> packages = XDocument.Load(ProjectFile(room)).Descendants("PackageReference").Select(package => package.Attribute("Include")!.Value);

        Assert.Empty(Arrows.Violations(room, packages));
    }

    [Fact]
    public void There_is_no_room_that_the_rules_do_not_know()
    {
        string[] built = [.. Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
            .Select(path => Path.GetFileNameWithoutExtension(path)!)
            .Where(name => (name.StartsWith(Arrows.Prefix, StringComparison.Ordinal) || name == "lockstep") && !name.EndsWith(".Tests", StringComparison.Ordinal) && name != "Lockstep.Fuzz")];

        Assert.Equal(Arrows.Allowed.Keys.Select(Arrows.AssemblyName).Order(StringComparer.Ordinal), built.Order(StringComparer.Ordinal));
        Assert.Equal(Arrows.Allowed.Keys.Order(), Directory.GetDirectories(Path.Combine(Root, "src")).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal(Arrows.Allowed.Keys.Order(), Arrows.Foreign.Keys.Order());
    }

    [Theory]
    [InlineData("Engine", "Lockstep.Protocol")]
    [InlineData("Engine", "Akka")]
    [InlineData("Engine", "Akka.Remote")]
    [InlineData("Engine", "MessagePack.Annotations")]
    [InlineData("Protocol", "Lockstep.Engine")]
    [InlineData("Transport", "Lockstep.Protocol")]
    [InlineData("Transport", "Akka")]
    [InlineData("Jobs", "Lockstep.Protocol")]
    [InlineData("WorkerNode", "Lockstep.Coordinator")]
    [InlineData("Coordinator", "Lockstep.WorkerNode")]
    [InlineData("Coordinator", "Lockstep.Launch")]
    [InlineData("Launch", "Lockstep.Engine")]
    [InlineData("Jobs", "Lockstep.Unheard.Of")]
    public void An_arrow_that_is_not_drawn_is_found(string room, string reference) =>
        Assert.Single(Arrows.Violations(room, ["System.Runtime", reference]));

    [Theory]
    [InlineData("Coordinator", "Lockstep.Engine")]
    [InlineData("Coordinator", "Akka.Cluster")]
    [InlineData("Engine", "System.Runtime")]
    [InlineData("Engine", "Akkadian")]
    public void An_arrow_that_is_drawn_is_no_violation(string room, string reference) =>
        Assert.Empty(Arrows.Violations(room, [reference]));

    // Held against the rules of a stricter room, a real assembly breaks them: reading the metadata is no idle step.
    [Fact]
    public void The_references_of_a_real_assembly_are_seen()
    {
        Assembly coordinator = Assembly.Load(Arrows.AssemblyName("Coordinator"));

        Assert.Contains("Lockstep.Engine", Arrows.References(coordinator));
        Assert.NotEmpty(Arrows.Violations("Engine", Arrows.References(coordinator)));
    }

    private static string Root
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cluster.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Cluster.sln.");
        }
    }

    private static string ProjectFile(string room) => Path.Combine(Root, "src", room, $"{Arrows.Prefix}{room}.csproj");
}
