using Lockstep.Launch;

namespace Lockstep.Cluster.Tests.Launch;

public sealed class OutputTailTests
{
    [Fact]
    public async Task A_line_without_end_is_cut_instead_of_filling_the_memory()
    {
        var forwarded = new List<string>();
        var tail = new OutputTail(forwarded.Add);
        await tail.ReadAsync(new StringReader(new string('x', 100_000) + "\nafter\r\n\nlast without end"));
        Assert.Equal([new string('x', OutputTail.LongestLine) + " […]", "after", "last without end"], forwarded);
    }

    [Fact]
    public async Task After_the_bound_only_the_tail_is_kept_and_this_is_said_once()
    {
        var forwarded = new List<string>();
        var tail = new OutputTail(forwarded.Add);
        await tail.ReadAsync(new StringReader(string.Join('\n', Enumerable.Range(0, OutputTail.MostLines + 50))));
        Assert.Equal(OutputTail.MostLines + 1, forwarded.Count);
        Assert.Contains("left out", forwarded[^1]);
        Assert.Equal(OutputTail.KeptLines, tail.Lines.Count);
        Assert.Equal((OutputTail.MostLines + 49).ToString(), tail.Lines[^1]);
    }
}
