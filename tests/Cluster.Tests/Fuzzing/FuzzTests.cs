using Lockstep.Fuzz;

namespace Lockstep.Cluster.Tests.Fuzzing;

/// <summary>Every reader of bytes from outside on a few damaged inputs, and on those that were ever found to do it harm. A million each: <c>tests/Fuzz</c>.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 1_000;

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_reader_answers_or_refuses_whatever_comes(string name)
    {
        FuzzTarget target = FuzzTargets.All.Single(candidate => candidate.Name == name);
        var run = new FuzzRun(target);
        Assert.All(target.Seeds, seed => Assert.Null(run.Try(-1, [.. seed])));
        string corpus = Path.Combine(AppContext.BaseDirectory, "Corpus", name);
        if (Directory.Exists(corpus))
            Assert.All(Directory.EnumerateFiles(corpus), file => Assert.Null(run.Try(-1, File.ReadAllBytes(file))));
        Assert.Empty(run.Try(from: 0, Inputs));
        Assert.True(run.Accepted > 0, "No input was ever accepted: the seeds are not sound.");
    }

    [Fact]
    public void An_input_is_made_of_its_number_alone()
    {
        FuzzTarget target = FuzzTargets.All.First(candidate => candidate.Name == "csv");
        var seen = new Dictionary<long, byte[]>();
        FuzzTarget watched = target with { Read = bytes => seen[seen.Count] = bytes };
        new FuzzRun(watched).Try(from: 0, count: 50);
        Dictionary<long, byte[]> first = new(seen);
        seen.Clear();
        new FuzzRun(watched).Try(from: 20, count: 1);
        Assert.Equal(first[20], seen[0]);
        Assert.True(first.Values.Select(Convert.ToHexString).Distinct().Count() > 40);
    }

    [Fact]
    public void What_a_reader_must_not_do_is_found()
    {
        var careless = new FuzzTarget("careless", [[1, 2, 3, 4]], static bytes => _ = bytes[3], static _ => false);
        Finding finding = Assert.Single(new FuzzRun(careless).Try(0, 500));
        Assert.Contains(nameof(IndexOutOfRangeException), finding.What, StringComparison.Ordinal);

        var greedy = careless with { Read = static bytes => GC.KeepAlive(new byte[bytes.Length > 2 ? 64 << 20 : 1]), MayThrow = static _ => true };
        Assert.Contains("were allocated", Assert.Single(new FuzzRun(greedy).Try(0, 20)).What, StringComparison.Ordinal);
    }
}
