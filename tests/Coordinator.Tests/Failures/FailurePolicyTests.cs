using Lockstep.Coordinator.Failures;
using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Tests.Failures;

public sealed class FailurePolicyTests
{
    private readonly FailurePolicy _policy = new();

    [Fact]
    public void Many_workers_that_are_killed_at_once_are_one_event()
    {
        for (int worker = 0; worker < 20; worker++)
            Assert.Null(_policy.Died(5, $"w{worker}", TimeSpan.FromMilliseconds(60_000 + (worker * 10))));

        Assert.Null(_policy.Died(5, "later", TimeSpan.FromSeconds(70)));
        Assert.NotNull(_policy.Died(5, "later still", TimeSpan.FromSeconds(80)));
    }

    [Fact]
    public void A_step_that_kills_its_third_worker_fails_the_job_and_says_where_to_look()
    {
        Assert.Null(_policy.Died(5, "a", TimeSpan.FromSeconds(10)));
        Assert.Null(_policy.Died(5, "b", TimeSpan.FromSeconds(20)));

        string? reason = _policy.Died(5, "c", TimeSpan.FromSeconds(30));

        Assert.NotNull(reason);
        Assert.Contains("step 5", reason, StringComparison.Ordinal);
        Assert.Contains("last one c", reason, StringComparison.Ordinal);
    }

    // A deadly node goes from worker to worker: each death comes soon after the one before, for as long as there are workers.
    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(1_999)]
    public void A_step_that_kills_worker_after_worker_without_a_pause_fails_the_job_too(int millisecondsApart)
    {
        int deaths = 0;
        while (deaths < 1_000 && _policy.Died(5, $"w{deaths}", TimeSpan.FromMilliseconds(60_000 + (deaths * millisecondsApart))) is null)
            deaths++;

        Assert.InRange(deaths * millisecondsApart, 2 * FailurePolicy.OneEvent.TotalMilliseconds, 5 * FailurePolicy.OneEvent.TotalMilliseconds);
    }

    [Fact]
    public void Deaths_on_different_steps_are_accidents()
    {
        for (int step = 0; step < 50; step++)
            Assert.Null(_policy.Died(step, "w", TimeSpan.FromSeconds(10 * step)));
    }

    [Fact]
    public void The_first_death_counts_however_early_it_comes()
    {
        Assert.Null(_policy.Died(-1, "a", TimeSpan.Zero));
        Assert.Null(_policy.Died(-1, "b", TimeSpan.FromSeconds(10)));
        Assert.NotNull(_policy.Died(-1, "c", TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_leaf_that_throws_on_two_workers_fails_the_job_and_both_are_named()
    {
        Assert.Null(_policy.Threw(5, new TreeNode(0, 4), "a", "boom"));

        string? reason = _policy.Threw(5, new TreeNode(2, 1), "b", "bang");

        Assert.NotNull(reason);
        foreach (string part in (string[])["step 5", "leaf 2", "a: boom", "b: bang"])
            Assert.Contains(part, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_throws_again_and_again_is_its_own_fault()
    {
        for (int i = 0; i < 10; i++)
            Assert.Null(_policy.Threw(5, new TreeNode(0, 4), "a", "boom"));
    }

    [Fact]
    public void Leaves_that_have_nothing_in_common_do_not_add_up()
    {
        Assert.Null(_policy.Threw(5, new TreeNode(0, 4), "a", "boom"));
        Assert.Null(_policy.Threw(5, new TreeNode(4, 4), "b", "boom"));
        Assert.Null(_policy.Threw(6, new TreeNode(0, 4), "b", "boom"));
    }

    [Fact]
    public void A_late_word_about_an_older_step_does_not_make_the_policy_forget()
    {
        Assert.Null(_policy.Threw(6, new TreeNode(0, 4), "a", "boom"));
        Assert.Null(_policy.Threw(5, new TreeNode(0, 4), "c", "late"));

        Assert.NotNull(_policy.Threw(6, new TreeNode(0, 4), "b", "bang"));
    }
}
