using Lockstep.Coordinator.Stragglers;

namespace Lockstep.Coordinator.Tests.Stragglers;

public sealed class TrialsTests
{
    private readonly Trials _trials = new();
    private long _step = 100;

    [Fact]
    public void A_worker_that_delivers_in_time_comes_back_after_one_round()
    {
        Fail();
        Deliver();
        Assert.Equal([7L], _trials.EndRound());
        Assert.False(_trials.Contains(7));
        Assert.Empty(_trials.EndRound());
    }

    [Fact]
    public void A_worker_that_delivers_nothing_in_time_stays()
    {
        Fail();
        for (int round = 0; round < 100; round++)
            Assert.Empty(_trials.EndRound());
        Assert.True(_trials.Contains(7));
        Deliver();
        Assert.Equal([7L], _trials.EndRound());
    }

    [Fact]
    public void What_it_delivers_of_the_step_at_which_it_was_late_does_not_count()
    {
        Fail();
        for (int i = 0; i < Trials.Deliveries; i++)
            _trials.Delivered(7, _step);
        Assert.Empty(_trials.EndRound());
    }

    [Fact]
    public void Who_is_late_again_soon_stays_twice_as_long_up_to_a_bound()
    {
        var rounds = new List<int>();
        for (int i = 0; i < 8; i++)
        {
            Fail();
            Deliver();
            int round = 1;
            while (_trials.EndRound().Count == 0)
                round++;
            rounds.Add(round);
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 32, 32], rounds);
    }

    [Fact]
    public void Who_has_been_in_time_for_long_has_a_clean_record()
    {
        Fail();
        Deliver();
        Assert.Equal([7L], _trials.EndRound());
        for (int round = 0; round < Trials.Probation; round++)
            _trials.EndRound();
        Fail();
        Deliver();
        Assert.Equal([7L], _trials.EndRound());
    }

    [Fact]
    public void A_worker_that_is_gone_is_forgotten_and_when_all_are_needed_all_come_back()
    {
        Fail();
        _trials.Begin(8, _step);
        _trials.Forget(7);
        Assert.Equal([8L], _trials.Workers);
        _trials.Clear();
        Assert.Empty(_trials.Workers);
    }

    private void Fail() => _trials.Begin(7, ++_step);

    private void Deliver()
    {
        for (int i = 0; i < Trials.Deliveries; i++)
            _trials.Delivered(7, ++_step);
    }
}
