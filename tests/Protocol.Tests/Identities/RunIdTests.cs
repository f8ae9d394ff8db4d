using CsCheck;
using Lockstep.Protocol.Identities;

namespace Lockstep.Protocol.Tests.Identities;

public sealed class RunIdTests
{
    [Fact]
    public void A_run_id_survives_as_text() => Gen.ULong.Sample(value =>
    {
        string text = new RunId(value).ToString();
        Assert.Equal(16, text.Length);
        Assert.Equal(value, RunId.Parse(text).Value);
    });

    [Theory]
    [InlineData("")]
    [InlineData("123")]
    [InlineData("00000000000000000")]
    [InlineData("0x00000000000000")]
    [InlineData(" 00000000000000 ")]
    [InlineData("000000000000000g")]
    [InlineData("-000000000000001")]
    public void Anything_but_sixteen_hexadecimal_digits_is_refused(string text) =>
        Assert.Throws<FormatException>(() => RunId.Parse(text));

    [Fact]
    public void Two_new_runs_differ() => Assert.NotEqual(RunId.New(), RunId.New());
}
