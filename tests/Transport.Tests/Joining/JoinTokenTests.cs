using Lockstep.Transport.Joining;
using Xunit;

namespace Lockstep.Transport.Tests.Joining;

public sealed class JoinTokenTests
{
    [Fact]
    public void Its_text_reads_back_in_any_case_with_or_without_hyphens()
    {
        var token = JoinToken.Generate();
        string text = token.Reveal();
        Assert.Equal(35, text.Length);
        Assert.True(token.Matches(JoinToken.Parse(text)));
        Assert.True(token.Matches(JoinToken.Parse(text.ToUpperInvariant().Replace("-", "", StringComparison.Ordinal) + " ")));
        Assert.False(token.Matches(JoinToken.Generate()));
    }

    // base64.b32encode(bytes(range(20))) in Python
    [Fact]
    public void The_text_is_base_32()
    {
        var token = JoinToken.Parse("aaaqeaye-audaocaj-bifqydio-b4ibceqt");
        Assert.Equal("aaaqeaye-audaocaj-bifqydio-b4ibceqt", token.Reveal());
        Assert.Equal([.. Enumerable.Range(0, 20).Select(i => (byte)i)], token.Key.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("aaaqeaye")]
    [InlineData("aaaqeaye-audaocaj-bifqydio-b4ibceqta")]
    [InlineData("aaaqeaye-audaocaj-bifqydio-b4ibceq1")]
    public void Other_text_is_refused_without_being_repeated(string text)
    {
        string message = Assert.Throws<FormatException>(() => JoinToken.Parse(text)).Message;
        Assert.True(text.Length == 0 || !message.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void It_does_not_show_itself()
    {
        var token = JoinToken.Generate();
        string start = token.Reveal()[..8];
        Assert.DoesNotContain(start, token.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(start, new JoinOptions { Token = token, ProtocolVersion = 1, BuildFingerprint = "b" }.ToString(), StringComparison.Ordinal);
    }
}
