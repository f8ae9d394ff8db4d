using Lockstep.Coordinator.Succession;

namespace Lockstep.Coordinator.Tests.Rules;

/// <summary>A coordinator and its standbys in every state that each may be in, decided about in every order.</summary>
internal static class SuccessionWorld
{
    private const int Standbys = 3;

    private enum Fate
    {
        /// <summary>It lives and can be asked; a standby that lives decides.</summary>
        Lives = 0,

        /// <summary>Its process has ended, and its machine says so.</summary>
        Ended = 1,

        /// <summary>It is silent, and may live.</summary>
        Silent = 2,

        /// <summary>It is silent, and the cluster on the side of those who decide has given it up.</summary>
        GivenUp = 3,
    }

    /// <summary>Nobody leads beside one who may, nor without the data, and whoever can follow does.</summary>
    public static void CheckAll()
    {
        int fates = Enum.GetValues<Fate>().Length;
        for (int world = 0; world < Math.Pow(fates, 1 + Standbys); world++)
        {
            var fate = new Fate[1 + Standbys];
            for (int i = 0, left = world; i < fate.Length; i++, left /= fates)
                fate[i] = (Fate)(left % fates);
            for (int ready = 0; ready < 1 << Standbys; ready++)
            {
                foreach (int[] order in (int[][])[[1, 2, 3], [3, 2, 1], [2, 3, 1], [2, 1, 3]])
                    Check(fate, ready, order);
            }
        }
    }

    private static void Check(Fate[] fate, int ready, int[] order)
    {
        // The coordinator leads while it lives, or is silent and was not given up.
        bool mayLead = fate[0] is Fate.Lives or Fate.Silent;
        int? leader = fate[0] == Fate.Lives ? 0 : null;
        foreach (int standby in order.Where(each => fate[each] == Fate.Lives))
        {
            bool hasData = (ready & (1 << (standby - 1))) != 0;
            SuccessionStep step = SuccessionRule.Decide(leader is not null, hasData, Enumerable.Range(0, standby).Select(before => new Predecessor(Answer(before), fate[before] == Fate.GivenUp)));
            if (step == SuccessionStep.Lead)
            {
                Assert.True(hasData, $"standby {standby} leads without the data");
                Assert.True(!mayLead && leader is null, $"standby {standby} leads beside {leader ?? 0}");
                Assert.True(!Enumerable.Range(1, standby - 1).Any(before => fate[before] is Fate.Lives or Fate.Silent), $"standby {standby} leads beside one before it");
                leader = standby;
            }
            Assert.True(leader is null || leader == standby || step == SuccessionStep.Follow, $"standby {standby} does not follow {leader}");
        }

        PeerState Answer(int peer) => fate[peer] switch
        {
            Fate.Ended => PeerState.Gone,
            Fate.Lives => peer == leader ? PeerState.Leads : PeerState.StandsBy,
            _ => PeerState.Unknown,
        };
    }
}
