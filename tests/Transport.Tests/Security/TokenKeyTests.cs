using System.Numerics;
using System.Security.Cryptography;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;
using Xunit;

namespace Lockstep.Transport.Tests.Security;

public sealed class TokenKeyTests
{
    private const string Order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

    // Scalar and point by HKDF and the curve's addition written out in another language.
    [Theory]
    [InlineData(
        "aaaaaaaa-bbbbbbbb-cccccccc-22222222",
        "B63C5F9B03E54D8C9F519B2EF1C6EB6B55D9496A3F4791EE9852B02DC52C9DF2",
        "88CFCCA91A6B2028BF2915D8591D734A08B365EE663C83A9E585E1415F673C94",
        "0D25EE1A2E97F9E8646825AD6C9AD4BB4BE94F1DD53AC00F4411485FD111C4AF")]
    [InlineData(
        "77777777-77777777-77777777-77777777",
        "092C8C15B0FC0E5B73DE0BA784F2DBCF1DE5FAB9A6714AA9CD71A880A5DECB99",
        "B8D0147F3CB1CDEECB8C226DF505846A573353228B9E23A389B14058DF6CDD72",
        "A0B6C25691544ECEC6B78CC7CCA186267D35E3FEB511189BC2D229386E6BAB5A")]
    public void A_token_gives_the_same_key_everywhere(string text, string scalar, string x, string y)
    {
        var token = JoinToken.Parse(text);
        Assert.Equal(scalar, Convert.ToHexString(TokenKey.Scalar(token)));
        using ECDsa key = TokenKey.Derive(token);
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        Assert.Equal((x, y), (Convert.ToHexString(point.X!), Convert.ToHexString(point.Y!)));
    }

    [Fact]
    public void Whatever_is_derived_the_scalar_lies_between_one_and_the_order()
    {
        var order = new BigInteger(Convert.FromHexString(Order), isUnsigned: true, isBigEndian: true);
        foreach ((BigInteger wide, BigInteger expected) in new (BigInteger, BigInteger)[]
        {
            (0, 1), (1, 2), (order - 2, order - 1), (order - 1, 1), (order, 2), ((order - 1) * 7 + 5, 6), (BigInteger.Pow(2, 384) - 1, ((BigInteger.Pow(2, 384) - 1) % (order - 1)) + 1),
        })
        {
            byte[] bytes = new byte[48];
            wide.TryWriteBytes(bytes.AsSpan(48 - wide.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
            byte[] scalar = TokenKey.Reduce(bytes);
            Assert.Equal(32, scalar.Length);
            Assert.Equal(expected, new BigInteger(scalar, isUnsigned: true, isBigEndian: true));
        }
    }

    [Fact]
    public void Two_holders_of_a_token_trust_each_other_and_nobody_else()
    {
        var token = JoinToken.Generate();
        PlaneIdentity one = PlaneIdentity.OfToken(token), two = PlaneIdentity.OfToken(token), other = PlaneIdentity.OfToken(JoinToken.Generate());
        Assert.True(one.Trusts(two.Certificate, null));
        Assert.True(two.Trusts(one.Certificate, null));
        Assert.False(one.Trusts(other.Certificate, null));
        Assert.False(one.Trusts(null, null));
    }

    [Fact]
    public void A_certificate_says_nothing_of_the_token()
    {
        var token = JoinToken.Generate();
        PlaneIdentity identity = PlaneIdentity.OfToken(token);
        string secret = token.Reveal();
        Assert.DoesNotContain(secret, identity.ToString() + identity.Certificate, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToHexString(token.Key), Convert.ToHexString(identity.Certificate.RawData), StringComparison.Ordinal);
    }
}
