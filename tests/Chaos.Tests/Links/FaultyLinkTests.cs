using System.Diagnostics;
using System.Net.Sockets;
using Lockstep.Chaos.Links;

namespace Lockstep.Chaos.Tests.Links;

public sealed class FaultyLinkTests
{
    [Fact]
    public async Task In_fair_weather_every_byte_goes_through_both_ways()
    {
        await using Wire wire = await Wire.OpenAsync();
        byte[] up = Wire.Numbers(300_000), down = [.. Wire.Numbers(200_000).Reverse()];
        Task<byte[]> atCoordinator = Wire.ReceiveAsync(wire.Coordinator, up.Length), atWorker = Wire.ReceiveAsync(wire.Worker, down.Length);
        await Task.WhenAll(wire.Worker.SendAsync(up), wire.Coordinator.SendAsync(down));
        Assert.Equal(up, await atCoordinator);
        Assert.Equal(down, await atWorker);
    }

    [Fact]
    public async Task An_end_is_passed_on()
    {
        await using Wire wire = await Wire.OpenAsync();
        await wire.Worker.SendAsync(Wire.Numbers(10));
        wire.Worker.Shutdown(SocketShutdown.Send);
        Assert.Equal(Wire.Numbers(10), await Wire.ReceiveAsync(wire.Coordinator, 11));
        await wire.Coordinator.SendAsync(Wire.Numbers(3));
        Assert.Equal(Wire.Numbers(3), await Wire.ReceiveAsync(wire.Worker, 3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(70_000)]
    public async Task A_cut_breaks_the_connection_after_exactly_so_many_bytes(int after)
    {
        await using Wire wire = await Wire.OpenAsync();
        Task struck = wire.Link.ToCoordinator.Strike(LinkWeather.StrokeKind.Cut, after);
        Task sending = wire.Worker.SendAsync(Wire.Numbers(200_000));
        // A reset may overtake bytes that the receiver has not taken yet, so there may be fewer, but never one more.
        byte[] received = await Wire.ReceiveAsync(wire.Coordinator, 200_000);
        await struck.WaitAsync(Wire.Bound);
        Assert.True(received.Length <= after);
        Assert.Equal(Wire.Numbers(200_000)[..received.Length], received);
        Assert.Empty(await Wire.ReceiveAsync(wire.Worker, 1));
        await Record.ExceptionAsync(() => sending);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 7)]
    [InlineData(65_536, 3)]
    public async Task A_flip_turns_one_bit_and_no_other(int after, int bit)
    {
        await using Wire wire = await Wire.OpenAsync();
        Task struck = wire.Link.ToWorker.Strike(LinkWeather.StrokeKind.Flip, after, bit);
        byte[] sent = Wire.Numbers(100_000), expected = Wire.Numbers(100_000);
        expected[after] ^= (byte)(1 << bit);
        Task<byte[]> received = Wire.ReceiveAsync(wire.Worker, sent.Length);
        await wire.Coordinator.SendAsync(sent);
        Assert.Equal(expected, await received);
        Assert.True(struck.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Bytes_that_come_twice_come_twice_in_a_row_and_the_rest_after_them()
    {
        await using Wire wire = await Wire.OpenAsync();
        _ = wire.Link.ToCoordinator.Strike(LinkWeather.StrokeKind.Duplicate, 4);
        await wire.Worker.SendAsync(Wire.Numbers(10));
        byte[] received = await Wire.ReceiveAsync(wire.Coordinator, 16);
        Assert.Equal([.. Wire.Numbers(10), .. Wire.Numbers(10)[4..]], received);
        await wire.Worker.SendAsync(Wire.Numbers(3));
        Assert.Equal(Wire.Numbers(3), await Wire.ReceiveAsync(wire.Coordinator, 3));
    }

    [Fact]
    public async Task Several_strokes_strike_each_at_its_byte()
    {
        await using Wire wire = await Wire.OpenAsync();
        _ = wire.Link.ToCoordinator.Strike(LinkWeather.StrokeKind.Flip, 6, 0);
        _ = wire.Link.ToCoordinator.Strike(LinkWeather.StrokeKind.Flip, 2, 1);
        byte[] expected = Wire.Numbers(9);
        expected[2] ^= 2;
        expected[6] ^= 1;
        await wire.Worker.SendAsync(Wire.Numbers(9));
        Assert.Equal(expected, await Wire.ReceiveAsync(wire.Coordinator, 9));
    }

    [Fact]
    public async Task A_partition_holds_one_direction_and_lets_the_bytes_go_on_when_it_is_over()
    {
        await using Wire wire = await Wire.OpenAsync();
        IDisposable first = wire.Link.ToCoordinator.Hold(), second = wire.Link.ToCoordinator.Hold();
        Task<byte[]> atCoordinator = Wire.ReceiveAsync(wire.Coordinator, 5);
        await wire.Worker.SendAsync(Wire.Numbers(5));
        await wire.Coordinator.SendAsync(Wire.Numbers(6));
        Assert.Equal(Wire.Numbers(6), await Wire.ReceiveAsync(wire.Worker, 6));
        first.Dispose();
        first.Dispose();
        await wire.Coordinator.SendAsync(Wire.Numbers(7));
        Assert.Equal(Wire.Numbers(7), await Wire.ReceiveAsync(wire.Worker, 7));
        Assert.False(atCoordinator.IsCompleted);
        second.Dispose();
        Assert.Equal(Wire.Numbers(5), await atCoordinator);
    }

    [Fact]
    public async Task Nobody_gets_through_a_partition_to_connect()
    {
        await using Wire wire = await Wire.OpenAsync();
        IDisposable partition = wire.Link.ToWorker.Hold();
        Task<(Socket, Socket)> connecting = wire.ConnectAsync();
        await wire.Worker.SendAsync(Wire.Numbers(5));
        Assert.Equal(Wire.Numbers(5), await Wire.ReceiveAsync(wire.Coordinator, 5));
        Assert.False(connecting.IsCompleted);
        partition.Dispose();
        await connecting;
    }

    [Fact]
    public async Task A_delay_holds_every_piece_back()
    {
        await using Wire wire = await Wire.OpenAsync();
        using (wire.Link.ToCoordinator.Delay(TimeSpan.FromMilliseconds(200)))
        {
            long start = Stopwatch.GetTimestamp();
            await wire.Worker.SendAsync(Wire.Numbers(5));
            Assert.Equal(Wire.Numbers(5), await Wire.ReceiveAsync(wire.Coordinator, 5));
            Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(190));
        }
        Assert.Equal(TimeSpan.Zero, wire.Link.ToCoordinator.TimeOf(5));
    }

    [Fact]
    public async Task A_throttle_lets_so_many_bytes_a_second_through()
    {
        await using Wire wire = await Wire.OpenAsync();
        using IDisposable throttle = wire.Link.ToWorker.Throttle(100_000);
        long start = Stopwatch.GetTimestamp();
        Task<byte[]> received = Wire.ReceiveAsync(wire.Worker, 30_000);
        await wire.Coordinator.SendAsync(Wire.Numbers(30_000));
        Assert.Equal(Wire.Numbers(30_000), await received);
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(280));
    }

    [Fact]
    public async Task A_coordinator_that_was_started_anew_is_found_where_it_listens()
    {
        await using Wire wire = await Wire.OpenAsync();
        using Socket other = Wire.NewListener();
        wire.Link.PointTo(Wire.EndpointOf(other));
        (Socket worker, Socket coordinator) = await wire.ConnectAsync(other);
        await worker.SendAsync(Wire.Numbers(8));
        Assert.Equal(Wire.Numbers(8), await Wire.ReceiveAsync(coordinator, 8));
    }
}
