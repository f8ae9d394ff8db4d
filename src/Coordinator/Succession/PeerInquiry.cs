using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;
using MessagePack;

namespace Lockstep.Coordinator.Succession;

/// <summary>What is known of a process that may lead.</summary>
public enum PeerState
{
    /// <summary>It does not answer: it may be dead, paused, or cut off.</summary>
    Unknown = 0,

    /// <summary>Its machine answers that nobody listens there any more: its process has ended.</summary>
    Gone = 1,

    /// <summary>It answers, and does not lead.</summary>
    StandsBy = 2,

    /// <summary>It leads.</summary>
    Leads = 3,
}

/// <summary>What a process that may lead answered.</summary>
/// <param name="State">What is known of it.</param>
/// <param name="Welcome">What it said, where it leads.</param>
public sealed record PeerAnswer(PeerState State, CoordinatorWelcome? Welcome = null)
{
    public static readonly PeerAnswer Unknown = new(PeerState.Unknown);

    /// <summary>What a failure to get in says of who was asked.</summary>
    public static PeerAnswer Of(JoinException failure) => failure switch
    {
        { NobodyListens: true } => new PeerAnswer(PeerState.Gone),
        { Fault: JoinFault.Refused, Refusal: RefusalCode.Full } => new PeerAnswer(PeerState.StandsBy),
        _ => Unknown,
    };
}

/// <summary>Asks a process who leads the run, over the data plane and with the same proof as a worker's.</summary>
public static class PeerInquiry
{
    /// <summary>For an answer. 2 s: whoever does not answer is asked again.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    /// <summary>Asks, on a thread of its own.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="join">Token and versions.</param>
    /// <param name="hello">Who asks, and the term that it knows.</param>
    public static Task<PeerAnswer> AskAsync(string endpoint, JoinOptions join, NodeHello hello) => Task.Factory.StartNew(
        () => Ask(DataEndpoint.Parse(endpoint), join with { Deadline = Deadline }, hello with { Role = GreetingRole.Inquirer, Endpoint = null }),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private static PeerAnswer Ask(DataEndpoint endpoint, JoinOptions join, NodeHello hello)
    {
        try
        {
            using DataConnection connection = DataConnector.Connect(endpoint, join, MessagePackSerializer.Serialize(hello), new Silence());
            CoordinatorWelcome welcome = MessagePackSerializer.Deserialize<CoordinatorWelcome>(
                connection.Welcome, MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData));
            return new PeerAnswer(PeerState.Leads, welcome);
        }
        catch (JoinException e)
        {
            return PeerAnswer.Of(e);
        }
        catch (MessagePackSerializationException)
        {
            return PeerAnswer.Unknown;
        }
    }

    // The welcome was all that there was to hear.
    private sealed class Silence : IFrameHandler
    {
        public void Opened(DataConnection connection)
        {
        }

        public Landing Land(DataConnection connection, in FrameHeader header) => Landing.Discard;

        public void Received(DataConnection connection, in FrameHeader header, nint landed) => connection.ReturnCredit();

        public void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault)
        {
        }

        public void Closed(DataConnection connection, CloseReason reason)
        {
        }
    }
}
