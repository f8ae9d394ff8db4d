using System.Threading.Channels;
using Lockstep.Launch;
using Serilog;

namespace Lockstep.Cluster.Tests.Launch;

public sealed class LocalWorkersTests : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly ImitatedProcesses _processes = new();
    private readonly ManualTime _time = new();
    private readonly Channel<LocalWorkerEvent> _events = Channel.CreateUnbounded<LocalWorkerEvent>();
    private readonly LocalWorkers _workers;

    public LocalWorkersTests()
    {
        var options = new LocalWorkersOptions
        {
            Program = new ThisProgram("/opt/dotnet", ["/opt/lockstep.dll"]),
            Arguments = ["worker", "--join", "127.0.0.1:4711"],
            Token = "secret-token",
            Environment = place => place == 1
                ? new Dictionary<string, string?> { ["DOTNET_EnableAVX512"] = "0" }
                : new Dictionary<string, string?>(),
        };
        _workers = new LocalWorkers(options, _processes, _time, Log.Logger, e => _events.Writer.TryWrite(e));
    }

    [Fact]
    public async Task The_token_travels_in_the_environment_and_never_on_the_command_line()
    {
        _workers.Start(2);
        ImitatedProcess first = await _processes.NextAsync(), second = await _processes.NextAsync();
        Assert.Equal("/opt/dotnet", first.Request.File);
        Assert.Equal(["/opt/lockstep.dll", "worker", "--join", "127.0.0.1:4711"], first.Request.Arguments);
        Assert.Equal("secret-token", first.Request.Environment["LOCKSTEP_TOKEN"]);
        Assert.DoesNotContain(first.Request.Arguments, argument => argument.Contains("secret"));
        Assert.False(first.Request.Environment.ContainsKey("DOTNET_EnableAVX512"));
        Assert.Equal("0", second.Request.Environment["DOTNET_EnableAVX512"]);
        first.End(0);
        second.End(0);
    }

    [Fact]
    public async Task A_killed_worker_is_started_again_after_a_pause_that_doubles_until_it_is_given_up()
    {
        _workers.Start(1);
        for (int crash = 0; crash < 5; crash++)
        {
            (await _processes.NextAsync()).End(137);
            var restarting = await NextAsync<LocalWorkerEvent.Restarting>();
            Assert.Equal(0.25 * Math.Pow(2, crash), restarting.After.TotalSeconds);
            await TimerArmedAsync();
            _time.Advance(restarting.After - TimeSpan.FromMilliseconds(1));
            Assert.False(_processes.StartedAnother);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        (await _processes.NextAsync()).End(137);
        var gaveUp = await NextAsync<LocalWorkerEvent.GaveUp>();
        Assert.Contains("5 restarts", gaveUp.Reason);
        Assert.Equal(ProcessEndKind.Crashed, await _workers.Abandoned.WaitAsync(Bound));
    }

    [Fact]
    public async Task A_refused_worker_is_not_started_again_and_the_others_go_on()
    {
        _workers.Start(2);
        ImitatedProcess first = await _processes.NextAsync(), second = await _processes.NextAsync();
        first.End(2);
        var gaveUp = await NextAsync<LocalWorkerEvent.GaveUp>();
        Assert.Equal(ProcessEndKind.Refused, gaveUp.Kind);
        Assert.False(_workers.Abandoned.IsCompleted);
        Assert.Equal([null, second.Id], _workers.ProcessIds);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(_processes.StartedAnother);
        second.End(0);
        await _workers.Abandoned.WaitAsync(Bound);
    }

    [Fact]
    public async Task The_end_of_a_crash_carries_the_last_lines_of_the_worker()
    {
        _workers.Start(1);
        ImitatedProcess process = await _processes.NextAsync();
        process.End(134);
        var ended = await NextAsync<LocalWorkerEvent.Ended>();
        Assert.Equal(process.Id, ended.ProcessId);
        Assert.Equal(["first line", "last line"], ended.LastLines);
    }

    [Fact]
    public async Task Stopping_closes_the_pipes_and_starts_nobody_again()
    {
        _workers.Start(1);
        ImitatedProcess process = await _processes.NextAsync();
        Task stopped = _workers.StopAsync(TimeSpan.FromSeconds(5));
        await process.InputClosed.WaitAsync(Bound);
        Assert.False(stopped.IsCompleted);
        process.End(1);
        await stopped.WaitAsync(Bound);
        Assert.False(process.Killed);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_processes.StartedAnother);
    }

    [Fact]
    public async Task A_worker_that_does_not_leave_is_killed_after_the_grace()
    {
        _workers.Start(1);
        ImitatedProcess process = await _processes.NextAsync();
        Task stopped = _workers.StopAsync(TimeSpan.FromSeconds(5));
        await TimerArmedAsync();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(process.Killed);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await stopped.WaitAsync(Bound);
        Assert.True(process.Killed);
    }

    [Fact]
    public async Task A_restart_that_the_system_refuses_gives_the_place_up()
    {
        _workers.Start(1);
        (await _processes.NextAsync()).End(137);
        var restarting = await NextAsync<LocalWorkerEvent.Restarting>();
        _processes.Refuse = true;
        await TimerArmedAsync();
        _time.Advance(restarting.After);
        Assert.Contains("no more processes", (await NextAsync<LocalWorkerEvent.GaveUp>()).Reason);
    }

    public async ValueTask DisposeAsync()
    {
        Task stopped = _workers.StopAsync(TimeSpan.FromSeconds(1));
        while (!stopped.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stopped;
    }

    private async Task TimerArmedAsync()
    {
        long started = TimeProvider.System.GetTimestamp();
        while (_time.Pending.Length == 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Bound, "no timer was set");
            await Task.Yield();
        }
    }

    private async Task<T> NextAsync<T>()
        where T : LocalWorkerEvent
    {
        while (true)
        {
            if (await _events.Reader.ReadAsync().AsTask().WaitAsync(Bound) is T wanted)
                return wanted;
        }
    }
}
