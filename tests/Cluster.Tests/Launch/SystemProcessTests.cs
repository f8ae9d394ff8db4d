using System.IO.Pipes;
using Lockstep.Launch;

namespace Lockstep.Cluster.Tests.Launch;

/// <summary>The real starter, with the shell as the process.</summary>
public sealed class SystemProcessTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task A_process_gets_its_variables_and_its_output_is_read_to_the_end()
    {
        using IStartedProcess process = Shell("echo out $GIVEN ${HOME:-no home}; echo err >&2; exit 3", ("GIVEN", "value"), ("HOME", null));
        var tail = new OutputTail(_ => { });
        await Task.WhenAll(tail.ReadAsync(process.Output), tail.ReadAsync(process.Error)).WaitAsync(Bound);
        Assert.Equal(3, await process.Ended.WaitAsync(Bound));
        Assert.Equal(["err", "out value no home"], tail.Lines.Order());
    }

    [SkippableFact]
    public async Task A_process_that_reads_its_pipe_sees_it_closed()
    {
        using IStartedProcess process = Shell("read line; echo gone");
        Assert.False(process.Ended.IsCompleted);
        process.CloseInput();
        Assert.Equal("gone", (await process.Output.ReadToEndAsync().WaitAsync(Bound)).Trim());
        Assert.Equal(0, await process.Ended.WaitAsync(Bound));
        process.CloseInput();
        process.Kill();
    }

    [SkippableFact]
    public async Task A_kill_reads_as_signal_9()
    {
        using IStartedProcess process = Shell("read line");
        process.Kill();
        Assert.Equal(137, await process.Ended.WaitAsync(Bound));
    }

    [SkippableFact]
    public void A_program_that_is_not_there_is_refused_by_name()
    {
        var starter = new SystemProcessStarter();
        var refusal = Assert.Throws<WorkerStartException>(
            () => starter.Start(new ProcessRequest("/no/such/program", [], new Dictionary<string, string?>())));
        Assert.Contains("/no/such/program", refusal.Message);
    }

    [Fact]
    public async Task The_parent_pipe_tells_when_its_writer_is_gone()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle);
        var closed = new TaskCompletionSource();
        ParentPipe.Watch(reader, closed.SetResult);
        await writer.WriteAsync(new byte[200]);
        Assert.False(closed.Task.IsCompleted);
        await writer.DisposeAsync();
        await closed.Task.WaitAsync(Bound);
    }

    private static IStartedProcess Shell(string script, params (string Name, string? Value)[] environment)
    {
        Skip.IfNot(File.Exists("/bin/sh"), "needs a POSIX shell");
        return new SystemProcessStarter().Start(
            new ProcessRequest("/bin/sh", ["-c", script], environment.ToDictionary(pair => pair.Name, pair => pair.Value)));
    }
}
