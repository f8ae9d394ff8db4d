using Lockstep.Coordinator.Terms;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;

namespace Lockstep.Coordinator.Standbys;

/// <summary>Lets standbys in, and those who only ask who leads. Called by the doorkeeper, on the handshakes' threads.</summary>
/// <param name="run">The run.</param>
/// <param name="list">Who would take over.</param>
/// <param name="raise">Told of standbys; must not block.</param>
public sealed class StandbyDoor(RunId run, SuccessionList list, Action<StandbyEvent> raise) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, StandbyConnection> _connections = [];

    /// <summary>Who would take over.</summary>
    public SuccessionList List { get; } = list;

    /// <summary>Admits a standby under a number, or says why not.</summary>
    public Admission Admit(long number, NodeHello hello, Func<byte[]> welcome)
    {
        if (hello.Endpoint is not { Length: > 0 and <= DataPlaneLimits.EndpointCharacters } endpoint || !IsEndpoint(endpoint))
            return Admission.Refuse(RefusalCode.Other, "the standby's greeting does not say where it listens: install the same build on all machines");
        var connection = new StandbyConnection(number, run, RaiseAndForget);
        lock (_lock)
        {
            if (!List.Add(new StandbyAddress(number, endpoint), DataPlaneLimits.Standbys))
                return Admission.Refuse(RefusalCode.Full, $"there are {DataPlaneLimits.Standbys} standbys already");
            _connections.Add(number, connection);
        }
        raise(new StandbyGreeted(number, hello, connection));
        return Admission.Welcome(welcome(), connection, $"standby {number} ({hello.Host}, process {hello.ProcessId})");
    }

    /// <summary>Tells an inquirer who leads, and lets it go.</summary>
    public static Admission Answer(byte[] welcome) => Admission.Welcome(welcome, new Inquirer());

    /// <summary>Ends all connections and waits for their threads. The listener must have ended before.</summary>
    public void Dispose()
    {
        StandbyConnection[] open;
        lock (_lock)
            open = [.. _connections.Values];
        foreach (StandbyConnection connection in open)
            connection.Dispose();
    }

    private static bool IsEndpoint(string text)
    {
        try
        {
            return DataEndpoint.Parse(text) is { IsUnix: true } or { Port: > 0 };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private void RaiseAndForget(StandbyEvent happened)
    {
        if (happened is StandbyDisconnected)
        {
            List.Remove(happened.Standby);
            lock (_lock)
                _connections.Remove(happened.Standby);
        }
        raise(happened);
    }

    // Whoever asks closes the connection when it has read the welcome.
    private sealed class Inquirer : IFrameHandler
    {
        public void Opened(DataConnection connection)
        {
        }

        public Landing Land(DataConnection connection, in FrameHeader header) => Landing.Refuse("an inquirer sends nothing");

        public void Received(DataConnection connection, in FrameHeader header, nint landed) => connection.Close("an inquirer sends nothing", TimeSpan.Zero);

        public void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault)
        {
        }

        public void Closed(DataConnection connection, CloseReason reason)
        {
        }
    }
}
