using CsCheck;
using Lockstep.Simulation.Clusters;

namespace Lockstep.Simulation.Tests.Clusters;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("10Gbps", 1.25e9)]
    [InlineData("10 Gbit/s", 1.25e9)]
    [InlineData("1.25GB/s", 1.25e9)]
    [InlineData("100Mbps", 1.25e7)]
    [InlineData("0.4Tbps", 5e10)]
    [InlineData(" 8Mbit/s ", 1e6)]
    public void A_bandwidth_is_read_in_bits_or_bytes(string text, double bytesPerSecond) => Assert.Equal(bytesPerSecond, Quantity.ParseBandwidth(text), 6);

    [Theory]
    [InlineData("50us", 50e-6)]
    [InlineData("50µs", 50e-6)]
    [InlineData("0.2ms", 2e-4)]
    [InlineData("100 ns", 1e-7)]
    [InlineData("1s", 1)]
    [InlineData("0s", 0)]
    public void A_time_is_read_in_its_unit(string text, double seconds) => Assert.Equal(seconds, Quantity.ParseTime(text), 12);

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("Gbps")]
    [InlineData("10gbps")]
    [InlineData("10Gb")]
    [InlineData("-1Gbps")]
    [InlineData("0Gbps")]
    [InlineData("1,5Gbps")]
    [InlineData("1.2.3Gbps")]
    [InlineData("1e3Gbps")]
    [InlineData("10Gbps!")]
    public void What_is_no_bandwidth_is_refused_with_an_example(string text)
    {
        string message = Assert.Throws<FormatException>(() => Quantity.ParseBandwidth(text)).Message;
        Assert.Contains($"'{text}'", message);
        Assert.Contains("10Gbps", message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("50")]
    [InlineData("50m")]
    [InlineData("-1ms")]
    [InlineData("ms")]
    [InlineData("50 US")]
    public void What_is_no_time_is_refused_with_an_example(string text) =>
        Assert.Contains("50us", Assert.Throws<FormatException>(() => Quantity.ParseTime(text)).Message);

    [Fact]
    public void Any_text_is_a_quantity_or_a_fault_that_names_it() => Gen.String.Sample(text =>
    {
        try
        {
            Assert.True(Quantity.ParseBandwidth(text) > 0);
        }
        catch (FormatException fault)
        {
            Assert.Contains(text, fault.Message);
        }
    });

    [Theory]
    [InlineData(1.25e9, "10Gbps")]
    [InlineData(1.25e7, "100Mbps")]
    [InlineData(1.25e11, "1Tbps")]
    public void A_bandwidth_is_written_as_it_is_read(double bytesPerSecond, string text) => Assert.Equal(text, Quantity.Bandwidth(bytesPerSecond));

    [Fact]
    public void What_is_written_as_a_time_is_read_back_within_a_percent() => Gen.Double[-9, 3].Sample(power =>
    {
        double seconds = Math.Pow(10, power);
        Assert.InRange(Quantity.ParseTime(Quantity.Time(seconds)) / seconds, 0.99, 1.01);
    });
}
