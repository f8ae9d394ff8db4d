using Lockstep.Coordinator.Standbys;

namespace Lockstep.Coordinator.Tests.Standbys;

public sealed class CutOffRuleTests
{
    [Theory]
    [InlineData(10.0, true, true, true)]
    [InlineData(60.0, true, true, true)]
    [InlineData(9.9, true, true, false)]
    [InlineData(60.0, false, true, false)]
    [InlineData(60.0, true, false, false)]
    public void A_coordinator_stands_down_when_a_worker_and_a_standby_that_may_live_were_lost_together(double alone, bool together, bool mayLive, bool standsDown) =>
        Assert.Equal(standsDown, CutOffRule.MustStandDown(TimeSpan.FromSeconds(alone), together, mayLive));

    [Fact]
    public void While_anybody_is_there_it_goes_on() => Assert.False(CutOffRule.MustStandDown(null, lostTogether: true, standbyMayLive: true));
}
