using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Hooks;

namespace Lockstep.Chaos.Tests.Hooks;

public sealed class ProcessHooksTests
{
    [Fact]
    public void A_process_that_was_told_nothing_does_nothing()
    {
        Assert.Null(ProcessHooks.Fault(_ => null));
        Assert.Same(TimeProvider.System, ProcessHooks.Clock(_ => null, TimeProvider.System));
    }

    [Theory]
    [InlineData(FaultKind.Throw)]
    [InlineData(FaultKind.NonFinite)]
    public void A_fault_is_told_as_text(FaultKind kind)
    {
        var fault = new InjectedFaultText(kind, 40, 2, 5);
        Assert.Equal(fault, ProcessHooks.Fault(_ => fault.ToString()));
    }

    [Theory]
    [InlineData("kill:1:2:3")]
    [InlineData("throw:1:2")]
    [InlineData("throw:-1:2:3")]
    [InlineData("throw:1:2:3:4")]
    [InlineData("throw:1:2:x")]
    public void A_text_that_says_something_else_is_refused(string text) => Assert.Throws<FormatException>(() => InjectedFaultText.Parse(text));

    [Fact]
    public void A_clock_jumps_by_what_its_file_says_and_counts_on()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var still = new StillTime();
        TimeProvider clock = ProcessHooks.Clock(_ => path, still);
        Assert.Equal(still.GetUtcNow(), clock.GetUtcNow());
        try
        {
            ShiftedClock.Set(path, -86_400);
            Assert.Equal(still.GetUtcNow().AddDays(-1), clock.GetUtcNow());
            ShiftedClock.Set(path, 60);
            Assert.Equal(still.GetUtcNow().AddMinutes(1), clock.GetUtcNow());
            Assert.Equal(still.GetTimestamp(), clock.GetTimestamp());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class StillTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override long GetTimestamp() => 42;
    }
}
