using System.Collections.Concurrent;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;

namespace Lockstep.Transport.Tests.Support;

/// <summary>A handler that lands each payload in a slot of its own and keeps a copy of what came.</summary>
internal sealed unsafe class Recorder : IFrameHandler, IDisposable
{
    private readonly NativeBytes _slot = new(4 << 20);
    private readonly ManualResetEventSlim _closed = new();
    private int _closedCalls;

    public bool ReturnsCredit { get; init; } = true;

    public bool KeepsPayloads { get; init; } = true;

    public Func<FrameHeader, Landing?>? OnLand { get; init; }

    public Action<DataConnection, FrameHeader>? OnReceived { get; init; }

    public Action<DataConnection>? OnOpened { get; init; }

    public BlockingCollection<(FrameHeader Header, byte[] Payload)> Frames { get; } = [];

    public ConcurrentQueue<FrameFault> Abandoned { get; } = [];

    public DataConnection? Connection { get; private set; }

    public CloseReason? Reason { get; private set; }

    public int ClosedCalls => Volatile.Read(ref _closedCalls);

    public int OpenedCalls { get; private set; }

    public void Opened(DataConnection connection)
    {
        Connection = connection;
        OpenedCalls++;
        OnOpened?.Invoke(connection);
    }

    public Landing Land(DataConnection connection, in FrameHeader header) =>
        OnLand?.Invoke(header) ?? Landing.At(_slot.Pointer, _slot.Length);

    public void Received(DataConnection connection, in FrameHeader header, nint landed)
    {
        if (KeepsPayloads)
            Frames.Add((header, new ReadOnlySpan<byte>((void*)landed, header.PayloadLength).ToArray()));
        OnReceived?.Invoke(connection, header);
        if (ReturnsCredit)
            connection.ReturnCredit();
    }

    void IFrameHandler.Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault) =>
        Abandoned.Enqueue(fault);

    public void Closed(DataConnection connection, CloseReason reason)
    {
        Reason = reason;
        Interlocked.Increment(ref _closedCalls);
        _closed.Set();
    }

    public (FrameHeader Header, byte[] Payload) Next() =>
        Frames.TryTake(out var frame, Bounds.Generous)
            ? frame
            : throw new TimeoutException($"No frame came. The connection: {Reason?.ToString() ?? "open"}.");

    public CloseReason WaitClosed() =>
        _closed.Wait(Bounds.Generous) ? Reason! : throw new TimeoutException("The connection did not close.");

    public void Dispose()
    {
        Connection?.Dispose();
        _slot.Dispose();
    }
}

internal static class Bounds
{
    /// <summary>Long enough for a busy machine; only a failing test waits so long.</summary>
    public static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);

    public static void Await(Func<bool> condition, string what)
    {
        if (!SpinWait.SpinUntil(condition, Generous))
            throw new TimeoutException($"It did not come to this: {what}.");
    }
}
