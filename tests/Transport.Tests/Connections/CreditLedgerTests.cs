using CsCheck;
using Lockstep.Transport.Connections;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed class CreditLedgerTests
{
    [Fact]
    public void A_sender_never_exceeds_the_window_and_never_starves_while_buffers_are_free() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[0, 2].Array[1, 200]).Sample((window, steps) =>
        {
            var receiver = new CreditLedger(window);
            var sender = new CreditLedger(window);
            int held = 0;
            foreach (int step in steps)
            {
                if (step == 0 && sender.Sendable > 0)
                {
                    sender.Spend();
                    Assert.True(receiver.TryReceive());
                    held++;
                }
                else if (step == 1 && held > 0)
                {
                    receiver.Return(1);
                    held--;
                }
                else if (receiver.IsGrantDue)
                {
                    Assert.True(sender.TryGain((ulong)receiver.TakePending()));
                }
                Assert.InRange(held + sender.Sendable, 0, window);
                // With a free buffer, either the sender may send or a grant is due: nobody waits for nobody.
                Assert.True(held == window || sender.Sendable > 0 || receiver.IsGrantDue);
            }
        });

    [Fact]
    public void A_frame_without_credit_is_noticed() => Assert.False(new CreditLedger(4).TryReceive());

    [Fact]
    public void Credit_cannot_be_returned_twice()
    {
        var ledger = new CreditLedger(4);
        ledger.TakePending();
        Assert.True(ledger.TryReceive());
        ledger.Return(1);
        Assert.Throws<InvalidOperationException>(() => ledger.Return(1));
    }

    [Theory]
    [InlineData(0UL, false)]
    [InlineData(1UL, true)]
    [InlineData((ulong)CreditLedger.MaximumWindow, true)]
    [InlineData((ulong)CreditLedger.MaximumWindow + 1, false)]
    [InlineData(ulong.MaxValue, false)]
    public void Only_a_sensible_grant_is_taken(ulong count, bool taken) => Assert.Equal(taken, new CreditLedger(1).TryGain(count));
}
