using System.Text;
using Akka.Actor;
using Lockstep.Cluster.Tests.Harness;
using Lockstep.Cluster.Tests.Promise;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;

namespace Lockstep.Cluster.Tests.Security;

/// <summary>One run under TLS that all attackers come to, one after the other.</summary>
[Collection(SecondProcessCollection.Name)]
public sealed class AttackTests(UndisturbedRuns undisturbed)
{
    [Fact]
    public async Task Whoever_comes_to_a_run_is_refused_by_name_and_the_run_ends_with_the_right_hash()
    {
        Observation expected = await undisturbed.OfAsync(TestJob.Short);
        await using var cluster = new ProcessCluster(TestJob.Short);
        CoordinatorProcess coordinator = await CoordinatorProcess.ListeningAsync(cluster.Start(
            "coordinator",
            ["coordinator", cluster.JobFile, "--listen", "127.0.0.1:0", "--tls", "--workers-minimum", "2", "--output", cluster.Runs, "--plain"]));
        string[] worker = ["worker", "--join", $"127.0.0.1:{coordinator.Port}", "--tls", "--threads", "1"];
        cluster.Start("first worker", worker);
        string log = Path.Combine(coordinator.RunDirectory, "log.clef");

        int controlPort = await AttackDataPlaneAsync(coordinator.Port, cluster.Token, log);
        await AttackControlPlaneAsync(controlPort, cluster.Token, log);

        cluster.Start("second worker", worker);
        RunSummary end = await coordinator.EndAsync();
        Assert.True(end.ExitCode == 0, cluster.Transcript);
        Assert.Equal(expected.Summary.ModelSha256, end.ModelSha256);
        Assert.Equal(expected.Summary.StateSha256, end.StateSha256);
        AssertKeepsItsSecret(cluster);
    }

    private static async Task<int> AttackDataPlaneAsync(int port, JoinToken token, string log)
    {
        JoinOptions worker = DataPlaneStranger.Worker(token);
        using var never = new DataPlaneStranger.Guest();

        DataPlaneStranger.Shout(port, "GET / HTTP/1.1\r\n\r\n"u8);
        await NamesAsync(log, "NotLockstep");

        JoinException e = Assert.Throws<JoinException>(() => DataPlaneStranger.Join(port, worker with { Identity = null }, never));
        Assert.Equal(RefusalCode.NotEncrypted, e.Refusal);
        await NamesAsync(log, "encrypted connections only");

        e = Assert.Throws<JoinException>(() => DataPlaneStranger.Join(port, DataPlaneStranger.Worker(JoinToken.Generate()), never));
        Assert.Equal(JoinFault.NotAuthenticated, e.Fault);
        DataPlaneStranger.Intrude(port, certificate: null);
        DataPlaneStranger.Intrude(port, PlaneIdentity.OfToken(JoinToken.Generate()).Certificate);
        await NamesAsync(log, "its join token is another");

        e = Assert.Throws<JoinException>(() => DataPlaneStranger.Join(port, worker with { Token = JoinToken.Generate() }, never));
        Assert.Equal(RefusalCode.WrongToken, e.Refusal);
        await NamesAsync(log, "does not match the coordinator's");

        e = Assert.Throws<JoinException>(() => DataPlaneStranger.Join(port, worker with { ProtocolVersion = 999 }, never));
        Assert.Equal(RefusalCode.OtherProtocol, e.Refusal);
        await NamesAsync(log, "this worker 999");
        e = Assert.Throws<JoinException>(() => DataPlaneStranger.Join(port, worker with { BuildFingerprint = "another build" }, never));
        Assert.Equal(RefusalCode.OtherBuild, e.Refusal);
        await NamesAsync(log, "this worker another build");

        using var oversized = new DataPlaneStranger.Guest();
        DataPlaneStranger.Join(port, worker with { Connection = new() { MaximumPayload = 8 << 20 } }, oversized);
        oversized.Send(kind: 1, length: 8 << 20);
        await oversized.ClosedAsync();
        await NamesAsync(log, "not allowed here (TooLong)");

        using var unknown = new DataPlaneStranger.Guest();
        int controlPort = DataPlaneStranger.Join(port, worker, unknown).ControlPort;
        unknown.Send(kind: 999, length: 100);
        await unknown.ClosedAsync();
        await NamesAsync(log, "a frame of kind 999");
        return controlPort;
    }

    private static async Task AttackControlPlaneAsync(int port, JoinToken token, string log)
    {
        using (var plain = new ControlPlaneStranger(port, encrypted: false, null))
        {
            plain.Tell("a text");
            await plain.EndedAsync();
        }
        using (var bare = new ControlPlaneStranger(port, encrypted: true, null))
        {
            bare.Tell("a text");
            await NamesAsync(log, "client did not provide a certificate");
        }
        using (var rogue = new ControlPlaneStranger(port, encrypted: true, PlaneIdentity.OfToken(JoinToken.Generate()).Certificate))
        {
            rogue.Tell("a text");
            await NamesAsync(log, "not one of this cluster");
        }

        var certificate = PlaneIdentity.OfToken(token).Certificate;
        using (var rude = new ControlPlaneStranger(port, encrypted: true, certificate))
        {
            rude.Tell(PoisonPill.Instance);
            rude.Tell(Kill.Instance);
            rude.Tell(new ControlPlaneStranger.Unlisted("by the JSON serializer"));
            rude.Tell(new ControlPlaneStranger.Nonsense());
            rude.Tell(new ControlPlaneStranger.Bundle());
            rude.Tell(PoisonPill.Instance, "/user");
            rude.Tell(PoisonPill.Instance, "/system/cluster");
            await rude.AnsweredAsync();
            await NamesAsync(log, "no-such-kind");
            await NamesAsync(log, "for the JSON serializer was refused");
            await NamesAsync(log, "'PP' was refused");
            await NamesAsync(log, "'K' was refused");
            await NamesAsync(log, "SerializerId=-5");
        }
        using (var large = new ControlPlaneStranger(port, encrypted: true, certificate))
        {
            large.Tell(new byte[8 << 20]);
            await large.EndedAsync();
            await NamesAsync(log, "TooLongFrame");
        }
        using (var lodger = new ControlPlaneStranger(port, encrypted: true, certificate))
        {
            lodger.Deploy();
            await lodger.EndedAsync();
            await NamesAsync(log, "serializer id [3]");
        }
    }

    private static async Task NamesAsync(string log, string attack)
    {
        try
        {
            await FileWatch.ContainsAsync(log, attack).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The log does not name '{attack}':\n{File.ReadAllText(log)}");
        }
    }

    /// <summary>The logs are as talkative as they get. Nothing that was said or written may hold the token, in any form of it.</summary>
    private static void AssertKeepsItsSecret(ProcessCluster cluster)
    {
        string revealed = cluster.Token.Reveal();
        string bare = revealed.Replace("-", "", StringComparison.Ordinal);
        foreach (string secret in (string[])[revealed, bare, .. revealed.Split('-')])
        {
            Assert.DoesNotContain(secret, cluster.Transcript, StringComparison.OrdinalIgnoreCase);
            foreach (string file in Directory.EnumerateFiles(cluster.Folder, "*", SearchOption.AllDirectories))
                Assert.DoesNotContain(secret, Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.OrdinalIgnoreCase);
        }
    }
}
