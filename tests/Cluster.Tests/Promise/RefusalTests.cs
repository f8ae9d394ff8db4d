using System.Globalization;
using System.Text;
using Lockstep.Cluster.Tests.Harness;
using Lockstep.Transport.Joining;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>What cannot be done as asked ends with exit code 2, one clear message, and nothing overwritten.</summary>
[Collection(ProcessCollection.Name)]
public sealed class RefusalTests : IAsyncLifetime
{
    private readonly ProcessCluster _cluster = new(TestJob.Short);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task The_printed_worker_command_lets_a_worker_in()
    {
        // A blank variable is none: the coordinator makes a token of its own and has to print it.
        CoordinatorProcess coordinator = await CoordinatorProcess.ListeningAsync(_cluster.Start(
            "coordinator", ["coordinator", _cluster.JobFile, "--listen", "127.0.0.1:0", "--output", _cluster.Runs], ("LOCKSTEP_TOKEN", "")));
        string[] words = coordinator.WorkerCommand.Split(' ');
        Assert.StartsWith("LOCKSTEP_TOKEN=", words[0], StringComparison.Ordinal);
        Assert.Equal("lockstep", words[1]);
        _cluster.Start("worker", words[2..], ("LOCKSTEP_TOKEN", words[0]["LOCKSTEP_TOKEN=".Length..]));
        Assert.Equal(0, (await coordinator.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_worker_with_another_token_is_turned_away_and_the_run_goes_on()
    {
        CoordinatorProcess coordinator = await _cluster.StartCoordinatorAsync();
        LockstepProcess stranger = _cluster.Start(
            "stranger", ["worker", "--join", $"127.0.0.1:{coordinator.Port}"], ("LOCKSTEP_TOKEN", JoinToken.Generate().Reveal()));
        await RefusedAsync(stranger, "token");
        _cluster.StartWorker();
        Assert.Equal(0, (await coordinator.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_worker_without_a_token_is_told_where_to_get_one()
    {
        LockstepProcess stranger = _cluster.Start("stranger", ["worker", "--join", "127.0.0.1:9"], ("LOCKSTEP_TOKEN", ""));
        await RefusedAsync(stranger, "LOCKSTEP_TOKEN");
    }

    [Fact]
    public async Task A_worker_with_other_data_is_refused_by_both_fingerprints()
    {
        await using var cluster = new ProcessCluster(TestJob.Short with
        {
            Name = "table",
            Data = "csv: { path: table.csv, inputs: [a, b], targets: [c], header: true }",
            Evaluation = "",
        });
        File.WriteAllText(cluster.JobFile, File.ReadAllText(cluster.JobFile)
            .Replace("softmaxCrossEntropy", "l2", StringComparison.Ordinal)
            .Replace("dense: { units: 10 }", "dense: { units: 1 }", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(cluster.Folder, "table.csv"), Table(seed: 1));
        string elsewhere = Directory.CreateDirectory(Path.Combine(cluster.Folder, "elsewhere")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "table.csv"), Table(seed: 2));

        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        LockstepProcess other = cluster.Start("worker with other data", ["worker", "--join", $"127.0.0.1:{coordinator.Port}", "--data-root", elsewhere]);
        await RefusedAsync(other, "fingerprint", cluster);
        cluster.StartWorker();
        Assert.Equal(0, (await coordinator.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        CoordinatorProcess coordinator = await _cluster.StartCoordinatorAsync();
        string address = $"127.0.0.1:{coordinator.Port}";
        LockstepProcess second = _cluster.Start("second coordinator", ["coordinator", _cluster.JobFile, "--listen", address, "--output", _cluster.Runs]);
        await RefusedAsync(second, coordinator.Port.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_run_directory_in_use_is_left_alone()
    {
        CoordinatorProcess coordinator = await StoppedAsync();
        await _cluster.ResumeAsync();
        LockstepProcess second = _cluster.Start(
            "second coordinator", ["coordinator", _cluster.JobFile, "--resume", coordinator.RunDirectory, "--listen", "127.0.0.1:0"]);
        await RefusedAsync(second, "in use");
        _cluster.StartWorker();
        Assert.Equal(0, (await _cluster.Coordinator.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_run_is_not_resumed_with_another_job()
    {
        CoordinatorProcess coordinator = await StoppedAsync();
        string metrics = File.ReadAllText(Path.Combine(coordinator.RunDirectory, "metrics.jsonl"));
        LockstepProcess other = _cluster.Start(
            "another job", ["coordinator", _cluster.JobFile, "--resume", coordinator.RunDirectory, "--listen", "127.0.0.1:0", "--set", "seed=8"]);
        await RefusedAsync(other, "another job");
        Assert.Equal(metrics, File.ReadAllText(Path.Combine(coordinator.RunDirectory, "metrics.jsonl")));
    }

    [Fact]
    public async Task Weights_of_another_model_are_refused_by_name_and_shape()
    {
        CoordinatorProcess coordinator = await StoppedAsync();
        string checkpoint = Directory.EnumerateDirectories(Path.Combine(coordinator.RunDirectory, "checkpoints")).Order(StringComparer.Ordinal).Last();
        string wider = Path.Combine(_cluster.Folder, "wider.yaml");
        File.WriteAllText(wider, (TestJob.Short with { Model = TestJob.Short.Model.Replace("24", "25", StringComparison.Ordinal) }).Yaml);
        LockstepProcess other = _cluster.Start(
            "another model",
            ["coordinator", wider, "--weights", Path.Combine(checkpoint, "model.safetensors"), "--listen", "127.0.0.1:0", "--output", _cluster.Runs]);
        await RefusedAsync(other, "1.weight");
    }

    private static string Table(int seed)
    {
        var text = new StringBuilder("a,b,c\n");
        for (int i = 0; i < 64; i++)
            text.Append(CultureInfo.InvariantCulture, $"{i % 7},{(i * seed) % 5},{i % 3}\n");
        return text.ToString();
    }

    private async Task<CoordinatorProcess> StoppedAsync()
    {
        CoordinatorProcess coordinator = await _cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = _cluster.StartWorkerHeldAt(step: 7);
        await hold.ReachedAsync();
        await coordinator.SignalStopAsync(PosixSignals.Interrupt);
        hold.Release();
        Assert.True((await coordinator.EndAsync()).ExitCode == 130, _cluster.Transcript);
        return coordinator;
    }

    private async Task RefusedAsync(LockstepProcess process, string because, ProcessCluster? cluster = null)
    {
        int code = await process.ExitAsync();
        Assert.True(code == 2, $"exit code {code} instead of 2\n{(cluster ?? _cluster).Transcript}");
        Assert.Contains(because, process.Transcript, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", process.Transcript, StringComparison.Ordinal);
    }
}
