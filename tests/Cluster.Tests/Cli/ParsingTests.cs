namespace Lockstep.Cluster.Tests.Cli;

public sealed class ParsingTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public static TheoryData<string, string> Mistakes => new()
    {
        { "", "Required command" },
        { "trian job.yaml", "train" },
        { "train", "There is no job to train" },
        { "train --resume", "There is no job to train" },
        { "train job.yaml --workers 0", "--workers takes a whole number from 1 up, not '0'" },
        { "train job.yaml --workers two", "--workers takes a whole number from 1 up, not 'two'" },
        { "train job.yaml --threads -1", "--threads takes a whole number" },
        { "train job.yaml --wrokers 2", "--wrokers" },
        { "train nowhere.yaml", "nowhere.yaml: there is no such job file" },
        { "train / ", "is a folder" },
        { "coordinator job.yaml --listen nonsense", "no HOST:PORT" },
        { "coordinator job.yaml --listen 127.0.0.1:99999", "no HOST:PORT" },
        { "coordinator job.yaml --listen 192.0.2.7:4770 --tls --allow-plaintext", "leave one of them out" },
        { "coordinator job.yaml --certificate /no/such/file --allow-plaintext", "leave one of them out" },
        { "coordinator job.yaml --certificate /no/such/file", "--certificate /no/such/file" },
        { "coordinator job.yaml --certificate-authority authority.pem", "belongs to --certificate" },
        { "coordinator job.yaml --listen 0.0.0.0:4770 --allow-plaintext", "by which they reach this machine" },
        { "worker", "--join" },
        { "worker --join 127.0.0.1:0", "port 0" },
        { "worker --join 127.0.0.1:4770", "LOCKSTEP_TOKEN" },
        { "worker --join 127.0.0.1:4770 --token-file /no/such/file", "--token-file /no/such/file" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_on_the_command_line_is_one_clear_message_and_code_2(string line, string words)
    {
        Assert.Equal(2, await _cli.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains(words, _cli.Error + _cli.Output);
        Assert.DoesNotContain("   at ", _cli.Error);
        Assert.Null(_cli.Host.Coordinator);
        Assert.False(Directory.Exists("runs") && _cli.Processes.StartedAnother);
    }

    [Fact]
    public async Task A_job_with_faults_shows_them_all_with_their_places()
    {
        string job = _cli.Write("faulty.yaml", "name: x\ndata: { dataset: digit }\nmodel:\n  - dens: { units: 10 }\ntraining:\n  loss: l2\n  epochs: 1\n  batch: 8\n  optimizer: { sgd: { learningRate: 0.1 } }\n");
        Assert.Equal(2, await _cli.RunAsync("train", job));
        Assert.Contains("faulty.yaml(2,", _cli.Error);
        Assert.Contains("faulty.yaml(4,", _cli.Error);
        Assert.Contains("digits", _cli.Error);
        Assert.Contains("dense", _cli.Error);
    }

    [Fact]
    public async Task Train_listens_on_loopback_only_and_shares_the_cores()
    {
        Task<int> run = _cli.RunAsync("train", _cli.JobFile, "--workers", "3", "--set", "training.batch=32", "--set", "seed=7", "--output", _cli.Runs);
        Assert.Equal(0, await run);
        Assert.Equal("127.0.0.1", _cli.Host.Coordinator!.ListenHost);
        Assert.Equal(0, _cli.Host.Coordinator.ListenPort);
        Assert.Equal(32, _cli.Host.Coordinator.Job.Training.Batch);
        Assert.Equal(7ul, _cli.Host.Coordinator.Job.Seed);
        Assert.Equal(_cli.Runs, _cli.Host.Coordinator.OutputDirectory);
        Assert.Null(_cli.Host.Coordinator.ResumeFrom);
    }

    [Fact]
    public async Task Steps_replace_the_epochs_of_the_job()
    {
        Assert.Equal(0, await _cli.RunAsync("train", _cli.JobFile, "--steps", "25"));
        Assert.Equal(25, _cli.Host.Coordinator!.Job.Training.Steps);
        Assert.Null(_cli.Host.Coordinator.Job.Training.Epochs);
    }

    [Fact]
    public async Task Coordinator_takes_its_address_its_workers_and_its_token()
    {
        _cli.Variables["LOCKSTEP_TOKEN"] = CommandLineFixture.Token;
        Assert.Equal(0, await _cli.RunAsync(
            "coordinator", _cli.JobFile, "--listen", "[2001:db8::7]:4770", "--allow-plaintext", "--workers-minimum", "4", "--output", _cli.Runs));
        Assert.Equal("2001:db8::7", _cli.Host.Coordinator!.ListenHost);
        Assert.Equal(4770, _cli.Host.Coordinator.ListenPort);
        Assert.Equal(4, _cli.Host.Coordinator.WorkersMinimum);
        Assert.Null(_cli.Host.Coordinator.Identity);
        Assert.Equal(CommandLineFixture.Token, _cli.Host.Coordinator.Token.Reveal());
    }

    [Fact]
    public async Task A_token_is_made_where_none_is_given()
    {
        Assert.Equal(0, await _cli.RunAsync("coordinator", _cli.JobFile));
        string first = _cli.Host.Coordinator!.Token.Reveal();
        using var second = new CommandLineFixture();
        Assert.Equal(0, await second.RunAsync("coordinator", second.JobFile));
        Assert.NotEqual(first, second.Host.Coordinator!.Token.Reveal());
    }

    [Fact]
    public async Task A_token_file_goes_before_the_variable()
    {
        _cli.Variables["LOCKSTEP_TOKEN"] = CommandLineFixture.Token;
        string file = _cli.Write("token", "77777777-77777777-77777777-77777777\n");
        Assert.Equal(0, await _cli.RunAsync(
            "worker", "--join", "node7:4770", "--token-file", file, "--threads", "3", "--join-timeout", "5", "--data-root", "/data"));
        Assert.Equal("77777777-77777777-77777777-77777777", _cli.Host.Worker!.Token.Reveal());
        Assert.Equal(("node7:4770", 3, 5.0, "/data"), (
            Assert.Single(_cli.Host.Worker.Join).ToString(), _cli.Host.Worker.Threads,
            _cli.Host.Worker.JoinTimeout.TotalSeconds, _cli.Host.Worker.DataRoot));
    }

    [Fact]
    public async Task A_token_that_is_none_is_refused_without_repeating_it()
    {
        _cli.Variables["LOCKSTEP_TOKEN"] = "not-really-a-token";
        Assert.Equal(2, await _cli.RunAsync("worker", "--join", "127.0.0.1:4770"));
        Assert.Contains("LOCKSTEP_TOKEN", _cli.Error);
        Assert.DoesNotContain("not-really", _cli.Error);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("coordinator")]
    [InlineData("worker")]
    [InlineData("schema")]
    [InlineData("doctor")]
    public async Task Every_command_teaches_with_an_example_of_itself(string command)
    {
        Assert.Equal(0, await _cli.RunAsync(command, "--help"));
        Assert.Contains("Description:", _cli.Output);
        Assert.Contains("Examples:", _cli.Output);
        Assert.Contains("lockstep " + command, _cli.Output[_cli.Output.IndexOf("Examples:", StringComparison.Ordinal)..]);
        Assert.DoesNotContain("--launched", _cli.Output);
    }

    [Fact]
    public async Task The_help_says_the_exit_codes_and_how_to_turn_completion_on()
    {
        Assert.Equal(0, await _cli.RunAsync("--help"));
        Assert.Contains("2 bad input", _cli.Output);
        Assert.Contains("[suggest:", _cli.Output);
    }

    [Fact]
    public async Task The_shell_gets_completions()
    {
        Assert.Equal(0, await _cli.RunAsync("[suggest:18]", "lockstep train --w"));
        Assert.Contains("--workers", _cli.Output);
        Assert.Contains("--weights", _cli.Output);
        Assert.DoesNotContain("--threads", _cli.Output);
    }

    [Fact]
    public async Task The_version_has_the_build_in_it()
    {
        Assert.Equal(0, await _cli.RunAsync("--version"));
        Assert.Matches("^lockstep [0-9.]+ build [0-9a-f]{16}\\s*$", _cli.Output);
    }

    [Fact]
    public async Task The_schema_is_printed_or_written()
    {
        Assert.Equal(0, await _cli.RunAsync("schema"));
        Assert.Contains("json-schema.org", _cli.Output);
        string file = Path.Combine(_cli.Folder, "schema.json");
        Assert.Equal(0, await _cli.RunAsync("schema", "--output", file));
        Assert.StartsWith(File.ReadAllText(file).Trim(), _cli.Output);
    }

    public void Dispose() => _cli.Dispose();
}
