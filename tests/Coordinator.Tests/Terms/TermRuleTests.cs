using CsCheck;
using Lockstep.Coordinator.Terms;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Tests.Terms;

public sealed class TermRuleTests
{
    private static readonly Gen<long> Term = Gen.Long[0, 20];

    [Fact]
    public void A_new_term_is_one_above_whatever_anybody_knows() => Gen.Select(Term, Term.Array[0, 5]).Sample((recorded, known) =>
    {
        long next = TermRule.Next(recorded, known);

        Assert.Equal([.. known, recorded], known.Append(recorded).Where(term => term < next));
        Assert.Contains(next - 1, known.Append(recorded));
    });

    [Fact]
    public void The_first_coordinator_of_a_new_run_leads_at_term_one() => Assert.Equal(1, TermRule.Next(0, []));

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(uint.MaxValue)]
    public void A_term_that_the_data_plane_cannot_carry_is_never_given(long known) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TermRule.Next(0, [known]));

    [Fact]
    public void The_highest_term_that_the_data_plane_can_carry_is_given() =>
        Assert.Equal(uint.MaxValue, TermRule.Next(uint.MaxValue - 1, []));

    [Fact]
    public void Of_two_coordinators_that_know_of_each_other_exactly_the_lower_stops() => Gen.Select(Term, Term).Sample((first, second) =>
    {
        var one = new CoordinatorTerm(first, Guid.NewGuid());
        var other = new CoordinatorTerm(second, Guid.NewGuid());

        Assert.Equal(first < second, TermRule.MustStop(one, other.Term));
        Assert.False(TermRule.MustStop(one, second) && TermRule.MustStop(other, first));
    });

    [Fact]
    public void A_worker_follows_at_most_one_coordinator_a_term_and_never_goes_back()
    {
        Gen<CoordinatorTerm> identity = Gen.Select(Gen.Long[1, 4], Gen.Int[1, 3], (term, id) => new CoordinatorTerm(term, new Guid(id, 0, 0, new byte[8])));
        identity.Array[1, 30].Sample(offers =>
        {
            CoordinatorTerm known = default;
            var followed = new List<CoordinatorTerm>();
            foreach (CoordinatorTerm offered in offers)
            {
                if (!TermRule.Follows(known, offered))
                    continue;
                followed.Add(offered);
                known = offered;
            }

            Assert.Equal(offers[0], followed[0]);
            Assert.Equal(followed.OrderBy(identity => identity.Term), followed);
            Assert.All(followed.GroupBy(identity => identity.Term), term => Assert.Single(term.Distinct()));
        });
    }
}
