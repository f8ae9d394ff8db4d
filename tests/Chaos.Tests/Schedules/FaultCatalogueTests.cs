using Lockstep.Chaos.Faults;

namespace Lockstep.Chaos.Tests.Schedules;

public sealed class FaultCatalogueTests
{
    [Fact]
    public void Every_kind_has_a_name_of_its_own_that_leads_back_to_it()
    {
        Assert.Equal(Enum.GetValues<FaultKind>(), FaultCatalogue.Kinds);
        Assert.All(FaultCatalogue.Kinds, kind => Assert.Equal(kind, FaultCatalogue.Find(FaultCatalogue.NameOf(kind))));
    }

    [Fact]
    public void A_list_is_read_in_any_order_and_each_kind_once() =>
        Assert.Equal([FaultKind.Kill, FaultKind.Partition], FaultCatalogue.Parse("partition, kill,partition").Order());

    [Fact]
    public void All_are_all() => Assert.Equal(FaultCatalogue.Kinds, FaultCatalogue.Parse("kill,all").Order());

    [Theory]
    [InlineData("")]
    [InlineData("kil")]
    [InlineData("kill,")]
    [InlineData("Kill")]
    public void A_name_that_is_none_is_refused_with_those_that_are(string list) =>
        Assert.Contains("coordinator-kill", Assert.Throws<FormatException>(() => FaultCatalogue.Parse(list)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_made_here_is_left_out_with_the_reason()
    {
        (IReadOnlyList<FaultKind> possible, IReadOnlyList<(FaultKind Kind, string Reason)> skipped) =
            new FaultSupport(Signals: false, Disk: "no disk", SkipsNonFinite: true).Divide(FaultCatalogue.Parse("all"));
        Assert.Equal([FaultKind.Pause, FaultKind.Slow, FaultKind.FullDisk, FaultKind.NonFinite], skipped.Select(entry => entry.Kind));
        Assert.All(skipped, entry => Assert.NotEmpty(entry.Reason));
        Assert.Equal(FaultCatalogue.Kinds, possible.Concat(skipped.Select(entry => entry.Kind)).Order());
    }

    [Fact]
    public void Where_all_is_possible_nothing_is_left_out() =>
        Assert.Empty(new FaultSupport(Signals: true, Disk: null, SkipsNonFinite: false).Divide(FaultCatalogue.Parse("all")).Skipped);
}
