using System.Text.RegularExpressions;
using Lockstep.Coordinator.Tests.Model;
using Lockstep.Protocol;
using Xunit.Abstractions;

namespace Lockstep.Coordinator.Tests.Rules;

/// <summary>Each safety rule is needed: without it something is violated that is not with it.</summary>
public sealed partial class SafetyRuleTests(ITestOutputHelper output)
{
    public static TheoryData<string> Rules => [.. Enum.GetNames<SafetyRule>()];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Without_the_rule_something_is_violated_that_is_not_with_it(string name)
    {
        SafetyRule rule = Enum.Parse<SafetyRule>(name);
        SafetyCase shown = SafetyCases.Of(rule);
        Assert.Null(shown.Run());
        string? violation;
        using (Safety.Without(rule))
            violation = shown.Run();
        output.WriteLine(violation);
        Assert.NotNull(violation);
        Assert.Contains(shown.Violation, violation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(ModelDefect.SkipsFrameChecksums), "to other bits than a lone worker's")]
    [InlineData(nameof(ModelDefect.ChecksPointBeforeLog), "stands 0 times in the log")]
    [InlineData(nameof(ModelDefect.SharesTheDirectory), "stands 2 times in the log")]
    public void Without_what_a_socket_a_disk_or_a_lock_does_something_is_violated_that_is_not_with_it(string name, string violation)
    {
        ModelDefect defect = Enum.Parse<ModelDefect>(name);
        ModelScenario scenario = new() { Workers = 1, CheckpointEvery = 1, Damages = 1, CoordinatorCrashes = 1 };
        Assert.Null(Exploration.All(scenario).Violation);
        Assert.Contains(violation, Exploration.All(scenario with { Defect = defect }).Violation, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_rule_is_asked_by_the_product_and_none_is_switched_off_there()
    {
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && Path.GetFileName(path) != "SafetyRules.cs")
            .Select(File.ReadAllText)];
        Assert.Equal(Enum.GetNames<SafetyRule>().Order(), sources.SelectMany(source => Asked().Matches(source)).Select(match => match.Groups[1].Value).Distinct().Order());
        Assert.DoesNotContain(sources, source => source.Contains("Safety.Without", StringComparison.Ordinal) || source.Contains("Safety.SwitchOff", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_rule_is_explained()
    {
        string explained = File.ReadAllText(Path.Combine(Root, "docs", "safety-rules.md"));
        Assert.All(Enum.GetNames<SafetyRule>(), rule => Assert.Contains($"`{rule}`", explained, StringComparison.Ordinal));
    }

    private static string Root
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Cluster.sln")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    [GeneratedRegex(@"Safety\.Holds\(SafetyRule\.(\w+)\)")]
    private static partial Regex Asked();
}
