using System.Text.Json;
using Lockstep.Cli.Doctor;
using Lockstep.Cluster.Tests.Launch;

namespace Lockstep.Cluster.Tests.Cli;

public sealed class DoctorTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    [Fact]
    public async Task The_report_has_what_a_bug_report_needs()
    {
        Assert.Equal(0, await _cli.RunAsync("doctor"));
        foreach (string topic in new[] { "version", "build", "runtime", "system", "cores", "vectors", "denormals", "memory", "loopback", "clock", "disk", "data", "packages" })
            Assert.Matches($@"(?m)^(ok  |WARN|FAIL) {topic}\s", _cli.Output);
        Assert.Contains(BuildFingerprint.Current, _cli.Output);
        Assert.Contains("Akka 1.5", _cli.Output);
        Assert.DoesNotContain("missing", _cli.Output);
    }

    [Fact]
    public async Task The_json_form_says_the_same()
    {
        Assert.Equal(0, await _cli.RunAsync("doctor", "--json"));
        using var document = JsonDocument.Parse(_cli.Output);
        JsonElement denormals = document.RootElement.EnumerateArray().Single(finding => finding.GetProperty("topic").GetString() == "denormals");
        Assert.Equal("ok", denormals.GetProperty("health").GetString());
        Assert.Equal("kept", denormals.GetProperty("found").GetString());
    }

    [Theory]
    [InlineData(true, true, true, "512 bits", Health.Ok)]
    [InlineData(false, true, true, "256 bits", Health.Ok)]
    [InlineData(false, false, true, "128 bits", Health.Ok)]
    [InlineData(false, false, false, "scalars", Health.Warning)]
    public void The_widest_vectors_are_chosen(bool has512, bool has256, bool has128, string words, Health health)
    {
        Finding finding = Examination.VectorWidth(has512, has256, has128);
        Assert.Contains(words, finding.Found);
        Assert.Equal(health, finding.Health);
    }

    [Fact]
    public void A_data_folder_that_is_none_is_a_warning_and_one_that_is_shows_its_contents()
    {
        Assert.Equal(Health.Warning, DataFinding(Path.Combine(_cli.Folder, "missing")).Health);
        Assert.Contains("digits.yaml", DataFinding(_cli.Folder).Found);
    }

    [Fact]
    public void A_clock_in_the_past_is_a_warning()
    {
        Finding finding = Findings(new AncientTime()).Single(finding => finding.Topic == "clock");
        Assert.Equal(Health.Warning, finding.Health);
        Assert.Contains("1970", finding.Found);
    }

    [Fact]
    public void A_mend_stands_under_its_finding()
    {
        string[] lines = [.. DoctorReport.Text([new Finding("disk", Health.Warning, "1 GiB", "Free some."), new Finding("longer", Health.Ok, "fine")])];
        Assert.Equal(["WARN disk    1 GiB", "             → Free some.", "ok   longer  fine"], lines);
    }

    [Fact]
    public void The_fingerprint_depends_on_every_module_and_not_on_their_order()
    {
        (string, Guid)[] modules = [("A", Guid.Parse("11111111-1111-1111-1111-111111111111")), ("B", Guid.Parse("22222222-2222-2222-2222-222222222222"))];
        string fingerprint = BuildFingerprint.Of(modules);
        Assert.Equal(64, fingerprint.Length);
        Assert.Equal(fingerprint, BuildFingerprint.Of(modules.Reverse()));
        Assert.NotEqual(fingerprint, BuildFingerprint.Of([modules[0], ("B", Guid.Parse("22222222-2222-2222-2222-222222222223"))]));
        Assert.NotEqual(fingerprint, BuildFingerprint.Of([modules[0]]));
    }

    public void Dispose() => _cli.Dispose();

    private Finding DataFinding(string folder) => Findings(new ManualTime(), folder).Single(finding => finding.Topic == "data");

    private List<Finding> Findings(TimeProvider time, string? data = null) =>
        [.. new Examination(time) { OutputDirectory = _cli.Folder, DataRoot = data }.Findings()];

    private sealed class AncientTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
