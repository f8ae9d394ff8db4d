using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Threading;

public sealed class ComputeCrewTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Every_member_does_its_part_of_every_job_once(int threads)
    {
        using var crew = new ComputeCrew(threads);
        var job = new CountingJob { Counts = new int[threads] };
        for (int round = 0; round < 2000; round++)
            crew.Run(ref job);
        Assert.All(job.Counts, count => Assert.Equal(2000, count));
    }

    [Fact]
    public void What_members_wrote_is_seen_after_the_join_and_by_the_next_job()
    {
        using var crew = new ComputeCrew(3);
        var job = new RotatingJob { Numbers = new long[3] };
        for (; job.Round < 3000; job.Round++)
            crew.Run(ref job);
        Assert.All(job.Numbers, number => Assert.Equal(3000, number));
    }

    [Fact]
    public void Crews_that_together_have_many_more_threads_than_cores_all_finish()
    {
        var callers = new Thread[4];
        var failures = new Exception?[callers.Length];
        for (int i = 0; i < callers.Length; i++)
        {
            int caller = i;
            callers[i] = new Thread(() => failures[caller] = Record.Exception(() => Every_member_does_its_part_of_every_job_once(4)));
            callers[i].Start();
        }
        Assert.All(callers, caller => Assert.True(caller.Join(Bound)));
        Assert.All(failures, Assert.Null);
    }

    [Fact]
    public void Members_that_fell_asleep_are_woken()
    {
        using var crew = new ComputeCrew(2);
        using var asleep = new ManualResetEventSlim();
        var job = new CountingJob { Counts = new int[2] };
        crew.Run(ref job);
        // Nothing sets the event: this is the pause in which a member gives up spinning.
        Assert.False(asleep.Wait(TimeSpan.FromMilliseconds(200)));
        crew.Run(ref job);
        Assert.Equal([2, 2], job.Counts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_exception_of_one_member_comes_to_the_caller_and_the_crew_goes_on(int failing)
    {
        using var crew = new ComputeCrew(2);
        var bad = new FailingJob { First = failing, Last = failing };
        var exception = Assert.Throws<InvalidDataException>(() => crew.Run(ref bad));
        Assert.Equal($"member {failing}", exception.Message);
        var good = new CountingJob { Counts = new int[2] };
        crew.Run(ref good);
        Assert.Equal([1, 1], good.Counts);
    }

    [Fact]
    public void The_exceptions_of_several_members_come_together()
    {
        using var crew = new ComputeCrew(3);
        var bad = new FailingJob { First = 0, Last = 2 };
        var exception = Assert.Throws<AggregateException>(() => crew.Run(ref bad));
        Assert.Equal(["member 0", "member 1", "member 2"], exception.InnerExceptions.Select(inner => inner.Message));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_job_that_runs_its_own_crew_is_refused(int threads)
    {
        using var crew = new ComputeCrew(threads);
        var job = new NestedJob { Crew = crew };
        Assert.Throws<InvalidOperationException>(() => crew.Run(ref job));
        var next = new CountingJob { Counts = new int[threads] };
        crew.Run(ref next);
        Assert.All(next.Counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public void A_crew_that_was_disposed_does_no_more()
    {
        var crew = new ComputeCrew(3);
        crew.Dispose();
        crew.Dispose();
        var job = new CountingJob { Counts = new int[3] };
        Assert.Throws<ObjectDisposedException>(() => crew.Run(ref job));
    }

    [Fact]
    public void Running_allocates_nothing()
    {
        using var crew = new ComputeCrew(2);
        var job = new CountingJob { Counts = new int[2] };
        crew.Run(ref job);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
            crew.Run(ref job);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_crew_of_lower_priority_computes_all_the_same()
    {
        using var crew = new ComputeCrew(2, lowerPriority: true);
        var job = new CountingJob { Counts = new int[2] };
        crew.Run(ref job);
        Assert.Equal([1, 1], job.Counts);
    }

    [Fact]
    public void Test_threads_keep_denormals() => ComputeThread.RequireDenormals();

    [Theory]
    [InlineData(0, 3, 16)]
    [InlineData(100, 3, 16)]
    [InlineData(7, 5, 1)]
    [InlineData(1000, 7, 64)]
    public void Ranges_cover_everything_once(long count, int parts, int grain)
    {
        long next = 0;
        for (int part = 0; part < parts; part++)
        {
            WorkRange range = WorkRange.Of(count, part, parts, grain);
            Assert.Equal(next, range.Start);
            Assert.True(range.Start == count || range.Start % grain == 0);
            next = range.End;
        }
        Assert.Equal(count, next);
    }

    private struct CountingJob : ICrewJob
    {
        public int[] Counts;

        public readonly void Execute(int member, int members) => Counts[member]++;
    }

    /// <summary>Each member adds to another place in every round, so a lost write or a late start shows.</summary>
    private struct RotatingJob : ICrewJob
    {
        public long[] Numbers;
        public int Round;

        public readonly void Execute(int member, int members) => Numbers[(member + Round) % members]++;
    }

    private struct FailingJob : ICrewJob
    {
        public int First;
        public int Last;

        public readonly void Execute(int member, int members)
        {
            if (member >= First && member <= Last)
                throw new InvalidDataException($"member {member}");
        }
    }

    private struct NestedJob : ICrewJob
    {
        public ComputeCrew Crew;

        public readonly void Execute(int member, int members)
        {
            if (member != 0)
                return;
            var inner = new CountingJob { Counts = new int[members] };
            Crew.Run(ref inner);
        }
    }
}
