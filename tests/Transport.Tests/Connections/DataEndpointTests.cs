using Lockstep.Transport.Connections;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed class DataEndpointTests
{
    [Theory]
    [InlineData("localhost:80")]
    [InlineData("10.0.0.1:0")]
    [InlineData("[::1]:65535")]
    [InlineData("unix:/run/lockstep/data.sock")]
    public void Its_text_reads_back(string text) => Assert.Equal(text, DataEndpoint.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":80")]
    [InlineData("host:")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("::1:80")]
    [InlineData("[]:80")]
    [InlineData("unix:")]
    public void Other_text_is_refused_with_the_forms_that_are_right(string text) =>
        Assert.Contains("HOST:PORT", Assert.Throws<FormatException>(() => DataEndpoint.Parse(text)).Message, StringComparison.Ordinal);
}
