using System.Net.Sockets;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Signals;
using Lockstep.Cluster.Tests.Launch;
using Lockstep.Coordinator.Running;
using Lockstep.WorkerNode.Running;

namespace Lockstep.Cluster.Tests.Cli;

public sealed class ExitCodeTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly CommandLineFixture _cli = new();

    public static TheoryData<WorkerExit, int> WorkerExits => new()
    {
        { new WorkerExit(WorkerOutcome.RunEnded, "the run has ended"), 0 },
        { new WorkerExit(WorkerOutcome.Left, "left as asked"), 0 },
        { new WorkerExit(WorkerOutcome.Refused, "another build"), 2 },
        { new WorkerExit(WorkerOutcome.CoordinatorLost, "gone for 60 s"), 1 },
        { new WorkerExit(WorkerOutcome.Failed, "layer 2 threw"), 1 },
    };

    [Theory]
    [InlineData(RunOutcome.Completed, 0)]
    [InlineData(RunOutcome.TargetMissed, 3)]
    [InlineData(RunOutcome.Failed, 1)]
    public async Task The_end_of_a_run_is_its_exit_code_and_its_summary(RunOutcome outcome, int code)
    {
        _cli.Host.Script = run => run.End(outcome, outcome == RunOutcome.Completed ? null : "because of this");
        Assert.Equal(code, await _cli.RunAsync("train", _cli.JobFile));
        Assert.Contains("model sha256 " + new string('a', 64), _cli.Output);
        Assert.Contains("state sha256 " + new string('b', 64), _cli.Output);
        Assert.Contains("accuracy 0.9713", _cli.Output);
        Assert.Contains("checkpoint runs/digits-1/checkpoints/step-120", _cli.Output);
        Assert.Equal(outcome != RunOutcome.Completed, _cli.Output.Contains("because of this"));
        Assert.True(_cli.Host.Run!.Disposed);
    }

    [Theory]
    [InlineData(2, 130)]
    [InlineData(15, 143)]
    public void A_signal_adds_its_number_to_128(int signal, int code) =>
        Assert.Equal(code, ExitCode.Of(RunOutcome.Interrupted, signal));

    [Fact]
    public void The_first_signal_asks_and_every_later_one_ends_at_once()
    {
        var stops = new List<int>();
        var ends = new List<int>();
        var time = new ManualTime();
        using var interruption = new Interruption(time, stops.Add, ends.Add);
        Assert.Null(interruption.Signal);
        interruption.Receive(2);
        interruption.Receive(15);
        time.Advance(Interruption.OneRequest);
        interruption.Receive(2);
        Assert.Equal([2], stops);
        Assert.Equal([15, 2], ends);
        Assert.Equal(2, interruption.Signal);
    }

    [Fact]
    public void A_signal_that_is_sent_to_the_process_and_its_group_is_one_request()
    {
        var stops = new List<int>();
        var ends = new List<int>();
        var time = new ManualTime();
        using var interruption = new Interruption(time, stops.Add, ends.Add);
        interruption.Receive(15);
        time.Advance(Interruption.OneRequest - TimeSpan.FromMilliseconds(1));
        interruption.Receive(15);
        Assert.Empty(ends);
        time.Advance(TimeSpan.FromMilliseconds(1));
        interruption.Receive(15);
        Assert.Equal([15], stops);
        Assert.Equal([15], ends);
    }

    [Fact]
    public async Task An_unexpected_failure_is_one_line_and_code_1()
    {
        _cli.Host.Script = run => run.Fail(new InvalidOperationException("the root cause\nsecond line"));
        Assert.Equal(1, await _cli.RunAsync("train", _cli.JobFile));
        Assert.Contains("error: InvalidOperationException: the root cause", _cli.Error);
        Assert.DoesNotContain("   at ", _cli.Error);
        Assert.Contains("--verbose", _cli.Error);
    }

    [Fact]
    public async Task An_unexpected_failure_names_the_log_that_has_its_details()
    {
        string directory = Directory.CreateDirectory(Path.Combine(_cli.Folder, "run")).FullName;
        _cli.Host.Script = run =>
        {
            run.Observe(new RunStarted("digits", directory, 1, 1, 1, 1, 0, 1, 1));
            run.Fail(new InvalidOperationException("the root cause"));
        };
        Assert.Equal(1, await _cli.RunAsync("train", _cli.JobFile));
        string log = Path.Combine(directory, "log.clef");
        Assert.Contains(log, _cli.Error);
        string text = await File.ReadAllTextAsync(log);
        Assert.Contains("the root cause", text);
        Assert.Contains("   at ", text);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => System.Text.Json.JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task With_verbose_the_details_are_shown()
    {
        _cli.Host.StartFailure = new InvalidOperationException("the root cause");
        Assert.Equal(1, await _cli.RunAsync("train", _cli.JobFile, "--verbose"));
        Assert.Contains("   at ", _cli.Error);
    }

    [Fact]
    public async Task A_port_in_use_is_bad_input_with_the_mend()
    {
        _cli.Host.StartFailure = new AggregateException(new SocketException((int)SocketError.AddressAlreadyInUse));
        Assert.Equal(2, await _cli.RunAsync("coordinator", _cli.JobFile));
        Assert.Contains("port is in use", _cli.Error);
        Assert.Contains("--listen HOST:0", _cli.Error);
    }

    [Fact]
    public void A_full_disk_says_what_to_do()
    {
        Fault fault = Faults.Of(new IOException("No space left on device : '/runs/x'", 28));
        Assert.Equal(2, fault.ExitCode);
        Assert.Contains("--output", fault.Message);
    }

    [Theory]
    [MemberData(nameof(WorkerExits))]
    public async Task A_worker_says_why_it_stopped(WorkerExit exit, int code)
    {
        _cli.Variables["LOCKSTEP_TOKEN"] = CommandLineFixture.Token;
        _cli.Host.WorkerExit = exit;
        Assert.Equal(code, await _cli.RunAsync("worker", "--join", "127.0.0.1:4770"));
        if (exit is { Outcome: WorkerOutcome.Refused } refused)
            Assert.Contains(refused.Explanation, _cli.Error);
    }

    [Fact]
    public async Task When_all_workers_are_refused_the_run_ends_with_code_2_and_their_last_words()
    {
        _cli.Host.Script = _ => { };
        Task<int> run = _cli.RunAsync("train", _cli.JobFile, "--workers", "2", "--threads", "3");
        for (int worker = 0; worker < 2; worker++)
        {
            ImitatedProcess process = await _cli.Processes.NextAsync();
            Assert.Equal(
                ["worker", "--join", "127.0.0.1:4771", "--threads", "3", "--data-root", _cli.Folder, "--launched"], process.Request.Arguments);
            Assert.Equal(_cli.Host.Coordinator!.Token.Reveal(), process.Request.Environment["LOCKSTEP_TOKEN"]);
            process.End(2);
        }

        Assert.Equal(2, await run.WaitAsync(Bound));
        Assert.Contains("last line", _cli.Output);
        Assert.Contains("Every worker was refused", _cli.Output);
    }

    [Fact]
    public async Task A_crashed_worker_is_replaced_and_the_run_goes_on()
    {
        _cli.Host.Script = _ => { };
        Task<int> run = _cli.RunAsync("train", _cli.JobFile, "--workers", "1");
        (await _cli.Processes.NextAsync()).End(137);
        ImitatedProcess second = await _cli.Processes.NextAsync();
        _cli.Host.Run!.End(RunOutcome.Completed);
        await second.InputClosed.WaitAsync(Bound);
        second.End(0);
        Assert.Equal(0, await run.WaitAsync(Bound));
        Assert.Contains("SIGKILL", _cli.Output);
        Assert.Contains("another worker starts in its place in 0.25 s", _cli.Output);
    }

    public void Dispose() => _cli.Dispose();
}
